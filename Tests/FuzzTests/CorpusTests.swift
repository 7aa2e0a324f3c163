import Foundation
import FuzzTargets
import Testing

/// Every input that fuzzing found worth keeping, and a few from real files, through its parser again. A crash is the
/// test's failure.
@Suite struct CorpusTests {
  static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

  static func inputs(_ target: FuzzTarget) -> [URL] {
    let folder = directory.appending(path: target.rawValue)
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.sorted { $0.path < $1.path }
  }

  @Test(arguments: FuzzTarget.allCases)
  func everyInputIsReadOrRefused(_ target: FuzzTarget) throws {
    let inputs = Self.inputs(target)
    #expect(!inputs.isEmpty, "no input in \(Self.directory.path)/\(target.rawValue)")
    for input in inputs { target.run([UInt8](try Data(contentsOf: input))) }
  }

  @Test func everyFolderHasItsTarget() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
    #expect(Set(folders) == Set(FuzzTarget.allCases.map(\.rawValue)))
  }
}

import Foundation

/// A directory for one test, removed with it.
final class Folder: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "pgassay-ingest-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = path + "/" + name
    try? FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: file, contents: Data(bytes))
    return file
  }

  /// Writes a file compressed by gzip(1), which we did not write.
  func gzip(_ name: String, _ bytes: [UInt8]) -> String { pack(name, bytes, ["gzip", "-c"]) }

  func pack(_ name: String, _ bytes: [UInt8], _ command: [String]) -> String {
    let plain = write(name + ".plain", bytes)
    let file = write(name, [])
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command + [plain]
    process.standardOutput = FileHandle(forWritingAtPath: file)
    try? process.run()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: plain)
    return file
  }
}

import Foundation
import Testing

@Suite struct GoldenTests {
  /// Every scene, by command. A new command adds its list in `Scenes/COMMANDScenes.swift` and its name here.
  static let scenes: [GoldenScene] =
    ShellScenes.all + IngestScenes.all + HistoryScenes.all + ReportScenes.all + TwinScenes.all
    + CaptureScenes.all

  @Test(arguments: scenes) func aSceneDoesWhatItsGoldenFilesSay(scene: GoldenScene) throws {
    try scene.play()
  }

  @Test func everyGoldenFileIsUsedByOneStep() throws {
    let names = Self.scenes.flatMap(\.steps).filter { !$0.isPreparation }.map(\.name)
    #expect(Set(names).count == names.count, "two steps have the same name")
    let used = Set(Self.scenes.flatMap(\.goldenFiles))
    let present = try FileManager.default.contentsOfDirectory(atPath: Golden.folder).filter { !$0.hasPrefix(".") }
    let unused = present.filter { !used.contains($0) }.sorted()
    #expect(unused.isEmpty, "golden files that no step reads")
  }
}

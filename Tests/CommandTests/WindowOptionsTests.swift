import ArgumentParser
import Model
import Testing

@testable import pgassay

@Suite struct WindowOptionsTests {
  private let extent = Timestamp(seconds: 1_000_000)..<Timestamp(seconds: 3_000_000)

  @Test(
    arguments: [
      ([], 1_000_000, 3_000_000), (["--since", "all"], 1_000_000, 3_000_000),
      (["--since", "1d"], 2_913_600, 3_000_000),
      (["--since", "90min"], 2_994_600, 3_000_000), (["--since", "100d"], 1_000_000, 3_000_000),
      (["--from", "1970-01-13"], 1_036_800, 3_000_000),
      (["--from", "1970-01-13 01:00+01", "--to", "1970-01-14"], 1_036_800, 1_123_200),
      (["--to", "1970-01-14"], 1_000_000, 1_123_200), (["--to", "1970-01-02"], 86_400, 86_400),
    ] as [([String], Int64, Int64)])
  func windowsAreCountedFromTheNewestObservation(arguments: [String], from: Int64, to: Int64) throws {
    let window = try WindowOptions.parse(arguments).window(in: extent)
    #expect(window == Timestamp(seconds: from)..<Timestamp(seconds: to))
  }

  @Test(arguments: [
    ["--since", "7"], ["--since", "-7d"], ["--since", "d"], ["--since", "99999999999999999999d"],
    ["--since", "9223372036854775807w"], ["--from", "yesterday"], ["--since", "7d", "--to", "2026-01-01"],
    ["--from", "2026-01-02", "--to", "2026-01-01"],
  ]) func whatMakesNoWindowIsRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try WindowOptions.parse(arguments) }
  }

  @Test func theWindowBeforeHasTheSameLength() {
    let window = Timestamp(seconds: 2_000_000)..<Timestamp(seconds: 2_600_000)
    let before = WindowOptions.previous(of: window, in: extent)
    #expect(before == Timestamp(seconds: 1_400_000)..<Timestamp(seconds: 2_000_000))
    #expect(WindowOptions.previous(of: extent, in: extent) == nil)
  }
}

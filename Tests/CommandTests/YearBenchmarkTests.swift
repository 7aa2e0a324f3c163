import Foundation
import Testing

/// `Benchmarks/history-year` in small: the bars that do not depend on the machine hold.
@Suite struct YearBenchmarkTests {
  @Test func aSmallYearFitsItsBars() throws {
    let directory = try TemporaryDirectory()
    let process = Process()
    process.executableURL = URL(filePath: PgAssayBinary.folder + "/history-year")
    process.arguments = ["4", directory.path + "/h", "100", "--check-sizes"]
    let out = Pipe()
    process.standardOutput = out
    try process.run()
    let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    for line in [
      "file before roll-up", "file after roll-up", "top over everything, after roll-up", "show over everything",
    ] {
      #expect(text.contains(line), "\(text)")
    }
  }
}

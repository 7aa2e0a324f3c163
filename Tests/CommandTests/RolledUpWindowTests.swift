import Foundation
import Testing

/// A window with ends inside hours that are kept as sums only is moved to whole hours by every command, and each says so.
@Suite struct RolledUpWindowTests {
  @Test func everyCommandMovesTheWindowAndSaysSo() throws {
    let directory = try TemporaryDirectory()
    let log = PgAssayBinary.root + "/Workloads/shop/recorded/week1/postgresql.log.gz"
    func run(_ arguments: [String]) throws -> PgAssayBinary.Outcome {
      try PgAssayBinary.run(arguments + ["--history", "h"], in: directory.path)
    }
    #expect(try run(["ingest", log]).exitCode == 0)
    #expect(try run(["history", "prune", "--minutes", "1", "--hours", "30"]).exitCode == 0)
    let note = "only whole hours are kept of that time"
    let window = ["--from", "2026-03-03 01:20", "--to", "2026-03-03 08:40"]
    let whole = ["--from", "2026-03-03 02:00", "--to", "2026-03-03 08:00"]
    for command in [
      ["report", "--no-advice", "--format", "json"], ["history", "export", "executions"],
    ] {
      let moved = try run(command + window)
      let asked = try run(command + whole)
      #expect(moved.exitCode == 0 && moved.stderr.contains(note), "\(moved.stderr)")
      #expect(asked.exitCode == 0 && !asked.stderr.contains(note), "\(asked.stderr)")
      #expect(!asked.stdout.isEmpty && moved.stdout == asked.stdout)
    }
    // There is no catalog to advise on, which is found out after the window is chosen.
    #expect(try run(["advise"] + window).stderr.contains(note))
    #expect(try !run(["advise"] + whole).stderr.contains(note))
  }
}

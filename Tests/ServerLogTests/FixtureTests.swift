import Model
import Testing

@testable import ServerLog

/// The recorded logs of three servers and a slice of a busy one: what the README of the recordings counts, and the
/// same result from each format.
struct FixtureTests {
  @Test(arguments: Fixtures.formats)
  func sliceHasTheCountsOfItsReadme(_ format: String) throws {
    let reading = try Fixtures.once("slice-pg15." + format)
    #expect(reading.tally.entries == 36_644)
    #expect(reading.calls == 10_844 + 10_016)
    #expect(reading.total(\.total) == 3_500_766 + 10_922_944)
    #expect(reading.total(\.bind) == 245_100)
    #expect(reading.total(\.parse) == 97_112)
    #expect(reading.tally.plans == 103)
    #expect(reading.errors == 101)
    #expect(reading.tally.skippedByReason.isEmpty)
    let users = Dictionary(grouping: reading.cells) { $0.dimensions.user }.mapValues { $0.reduce(0) { $0 + $1.calls } }
    #expect(
      users.filter { $0.value > 0 } == [
        "postgres": 13_159, "shop": 7_346, "worker": 192, "größe-app": 115, "reporting": 48,
      ])
    let edges = Set(reading.batches.flatMap(\.queryIDs).map(\.queryID))
    #expect(format == "log" ? edges.isEmpty : edges.count == 304)
  }

  @Test(arguments: ["postgresql-15", "postgresql-16", "postgresql-18", "slice-pg15"])
  func threeFormatsAreOne(_ name: String) throws {
    let json = try Fixtures.once(name + ".json")
    for format in ["csv", "log"] {
      let other = try Fixtures.once(name + "." + format)
      #expect(entries(other) == entries(json), "\(format)")
      #expect(summary(other.cells) == summary(json.cells), "\(format)")
      #expect(Set(other.samples.map(sampleText)) == Set(json.samples.map(sampleText)), "\(format)")
      #expect(Set(other.plans.map(\.document)) == Set(json.plans.map(\.document)), "\(format)")
      let withState = name != "slice-pg15" || format == "csv"
      #expect(summary(other.events, sqlState: withState) == summary(json.events, sqlState: withState), "\(format)")
    }
  }

  /// The change of the log's own settings was written to one destination before and to another after it.
  private func isAboutLogging(_ event: EventCell) -> Bool { event.sample.hasPrefix("parameter \"log_") }

  private func entries(_ reading: Reading) -> Int64 {
    reading.tally.entries - reading.events.filter(isAboutLogging).reduce(0) { $0 + $1.count }
  }

  private func sampleText(_ sample: ExecutionSample) -> String {
    "\(sample.fingerprint) \(sample.at) \(sample.duration.value) \(sample.text) \(sample.parameters) \(sample.reason)"
  }

  private func summary(_ cells: [MinuteCell]) -> [String] {
    cells.map { cell in
      "\(cell.minute) \(cell.fingerprint) \(cell.dimensions.database)|\(cell.dimensions.user)|\(cell.dimensions.tags) "
        + "\(cell.calls) \(cell.errors) \(cell.untimed) \(cell.total.value) \(cell.parse.value) \(cell.bind.value) \(cell.sketch)"
    }.sorted()
  }

  private func summary(_ events: [EventCell], sqlState: Bool) -> [String] {
    events.filter { !isAboutLogging($0) }.map { event in
      "\(event.minute) \(event.category) \(sqlState ? event.sqlState : "") \(event.shape) \(event.database)|\(event.user) "
        + "\(event.fingerprint?.description ?? "-") \(event.count) \(event.amount) \(event.sample)"
    }.sorted()
  }
}

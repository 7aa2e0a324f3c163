import ArgumentParser
import Catalog
import Foundation
import History
import PlannerTwin
import PrivateServer
import Report

/// `pgassay twin start`: options, and one call.
struct TwinStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start a twin for psql, and keep it until stopped.",
    discussion: """
      Prints a connection string and a name, and waits for Ctrl-C or 'pgassay twin stop NAME'. EXPLAIN there is \
      production's. Do not believe what a query returns: tables are as long as production's and hold none of its rows, but \
      an index on them may hold two entries, the least and the greatest value of its first column, which the planner looks \
      up. So count(*) may say 0 or 2.

      Examples:
        pgassay twin start
        pgassay twin start --snapshot shop.ndjson.gz --for 1h
        pgassay twin start --quiet > twin & sleep 5; psql "$(cat twin)"
      """)

  @OptionGroup var source: TwinSource

  @Flag(help: "Print the connection string only.")
  var quiet = false

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("Stop by itself after this time, such as 30min or 1h.", valueName: "time"))
  var length: Interval?

  func run() async throws {
    try await Interrupts.untilInterrupted {
      let store = try source.openHistory()
      let snapshot = try await source.read(store)
      try store?.close()
      let twin = try await source.start(snapshot, label: KeptTwin.label(database: snapshot.header.database))
      for object in twin.report.leftOut.prefix(Self.shownObjects) {
        Diagnostics.note("\(object.object): \(object.reason)")
      }
      if twin.report.leftOut.count > Self.shownObjects {
        Diagnostics.note(
          "… and \(twin.report.leftOut.count - Self.shownObjects) more; 'twin plan --format json' lists all")
      }
      let connection = try await twin.connectionString()
      if quiet {
        Output.standard.line(connection)
      } else {
        let report = twin.report
        Output.standard.line("psql \"\(connection)\"")
        Output.standard.line(
          "PostgreSQL \(report.twin), \(report.tables) tables and \(report.indexes) indexes that stand for "
            + "\(Quantity.bytes(report.simulatedBytes)); stop with Ctrl-C or "
            + "'pgassay twin stop \(KeptTwin.shortName(twin.server.name))'")
      }
      Output.standard.flush()
      // Until the task is cancelled: by a signal, which is how this command ends well.
      let end = length.map { ContinuousClock.now + $0.duration }
      while !Task.isCancelled, !twin.server.hasEnded, end.map({ ContinuousClock.now < $0 }) ?? true {
        let next = ContinuousClock.now + .seconds(1)
        try? await Task.sleep(until: end.map { min($0, next) } ?? next)
      }
      guard !twin.server.hasEnded else {
        let said = twin.server.recentLog
        await twin.stop()
        throw PrivateServerError.notRunning(said: said)
      }
      await twin.stop()
    }
  }

  private static let shownObjects = 30
}

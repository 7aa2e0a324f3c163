import ArgumentParser
import Catalog
import Foundation
import Model
import PostgresClient
import Report

/// `pgassay capture`: options, and one call.
struct Capture: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a snapshot of a server: counters, schema, planner statistics, sizes, settings.",
    discussion: """
      Reads in one read-only transaction with short timeouts, resets nothing and writes nothing. The role pg_monitor is \
      enough for the counters; what the role may not see is listed on standard error.

      The connection is libpq's: a URI or keyword string, PG* variables, .pgpass, service files and TLS work as in psql.

      Examples:
        pgassay capture postgresql://monitor@db1/shop --output shop.ndjson.gz
        PGSERVICE=shop pgassay capture --output shop.ndjson.gz --values drop
        pgassay capture --script > capture.sql
        psql -X -q -d shop -f capture.sql -o shop.ndjson
      """)

  enum Values: String, ExpressibleByArgument, CaseIterable { case keep, drop }

  @OptionGroup var server: ConnectionArguments

  @Option(help: ArgumentHelp("Write the snapshot to this file; .gz compresses it.", valueName: "file"))
  var output: String?

  @Flag(help: "Print a psql script that writes the same snapshot, and exit.")
  var script = false

  @Option(help: "Whether values inside planner statistics (common values, histograms, extremes) are taken.")
  var values: Values = .keep

  @Flag(help: "Leave planner statistics out: no planner twin can be made from the snapshot.")
  var noStatistics = false

  @Option(help: ArgumentHelp("Seconds that one query on the server may take.", valueName: "seconds"))
  var statementTimeout: Int = 60

  @OptionGroup var format: FormatOption<ResultFormats>

  func validate() throws {
    if script {
      guard output == nil else { throw ValidationError("--script prints to standard output; leave --output away") }
    } else if output == nil {
      throw ValidationError("say where the snapshot goes: --output FILE, or --script for a psql script")
    }
    guard (1...3_600).contains(statementTimeout) else {
      throw ValidationError("--statement-timeout is a number of seconds from 1 to 3600")
    }
  }

  func run() async throws {
    if script {
      Output.standard.write(
        CaptureScript.text(
          .init(
            keepsValues: values == .keep, withStatistics: !noStatistics,
            statementTimeout: .seconds(statementTimeout))))
      return
    }
    guard let output else { return }
    let writer = try SnapshotWriter(path: output)
    let cleanup = Interrupts.cleanUpOnInterrupt { writer.discard() }
    defer { cleanup.end() }
    let connection = try await PostgresConnection.connect(server.options)
    let outcome = try await LiveCapture(
      .init(
        keepsValues: values == .keep, withStatistics: !noStatistics, statementTimeout: .seconds(statementTimeout))
    ).run(on: connection) { try writer.write($0) }
    await connection.close()
    try writer.finish()
    for section in outcome.sections {
      if let fault = section.fault { Diagnostics.warning("\(section.name): \(fault)") }
    }
  }
}

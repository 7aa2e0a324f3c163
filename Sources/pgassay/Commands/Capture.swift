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
      enough for the counters; what the role may not see is listed on standard error and in the JSON.

      The connection is libpq's: a URI or keyword string, PG* variables, .pgpass, service files and TLS work as in psql. \
      Passwords in statements, settings and definitions are masked on the server.

      With --every it runs until stopped: each round takes the statements' counters, a full snapshot follows every \
      --full-every. The history keeps single rounds for 14 days, hours for 92, days for ever (`pgassay history prune \
      --help`). A server that cannot be reached is tried again with growing pauses; the others go on.

      Examples:
        pgassay capture --history shop.history postgresql://monitor@db1/shop
        pgassay capture --every 60s service=shop 'host=db2 dbname=billing'
        PGSERVICE=shop pgassay capture --output shop.ndjson.gz --values drop
        pgassay capture --script > capture.sql
        psql -X -q -d shop -f capture.sql -o shop.ndjson
        pgassay ingest --history shop.history shop.ndjson
      """)

  enum Values: String, ExpressibleByArgument, CaseIterable { case keep, drop }

  @Argument(
    help: ArgumentHelp(
      "Connection URIs, keyword strings or database names, one for each server.",
      discussion: "What they leave out comes from the options below, the PG* variables and libpq's files.",
      valueName: "connection"))
  var connections: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("Host, or directory of the Unix socket.", valueName: "host"))
  var host: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Port.", valueName: "port"))
  var port: String?

  @Option(name: [.customShort("U"), .customLong("user")], help: ArgumentHelp("Role.", valueName: "role"))
  var user: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Database.", valueName: "database"))
  var dbname: String?

  @OptionGroup var history: HistoryOptions

  @Option(
    help: ArgumentHelp(
      "Write the snapshot to this file instead (- for standard output); .gz compresses it.", valueName: "file"))
  var output: String?

  @Flag(help: "Print a psql script that writes the same snapshot, and exit.")
  var script = false

  @Option(help: ArgumentHelp("Take a snapshot again and again, such as every 60s or 5min.", valueName: "time"))
  var every: Interval?

  @Option(help: ArgumentHelp("With --every: how often the snapshot is a full one.", valueName: "time"))
  var fullEvery: Interval = Interval(seconds: 3_600)

  @Option(help: ArgumentHelp("With --every: stop after so many rounds.", valueName: "number"))
  var rounds: Int?

  @Option(help: "Whether values inside planner statistics (common values, histograms, extremes) are taken.")
  var values: Values = .keep

  @Flag(help: "Leave planner statistics out: no planner twin can be made from the snapshot.")
  var noStatistics = false

  @Option(help: ArgumentHelp("Seconds that one query on the server may take.", valueName: "seconds"))
  var statementTimeout: Int = 60

  @OptionGroup var format: FormatOption<CaptureFormats>

  func validate() throws {
    if script {
      guard output == nil, every == nil, connections.isEmpty else {
        throw ValidationError("--script prints to standard output and connects to nothing; leave the rest away")
      }
    }
    if output != nil, connections.count > 1 {
      throw ValidationError("--output takes one snapshot, and \(connections.count) connections are named")
    }
    if let output, OutputPlace(output) == .standardOutput, format.format == .json {
      throw ValidationError("--format json tells of the snapshot on standard output, where --output puts the snapshot")
    }
    if every != nil, output != nil {
      throw ValidationError("--every keeps what it takes in a history; leave --output away")
    }
    if let rounds {
      guard every != nil else { throw ValidationError("--rounds needs --every") }
      guard rounds > 0 else { throw ValidationError("--rounds must be at least 1") }
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
            keepsValues: values == .keep, withStatistics: !noStatistics, statementTimeout: .seconds(statementTimeout))
        ))
      return
    }
    var take = LiveCapture.Options(
      keepsValues: values == .keep, withStatistics: !noStatistics, statementTimeout: .seconds(statementTimeout))
    if let output {
      try await CaptureToFile(path: output, options: take).run(servers[0], format: format.format)
      return
    }
    let store = try CaptureStore.open(history, keepsValues: values == .keep)
    if let every {
      take.statementTimeout = min(take.statementTimeout, .seconds(max(1, every.seconds)))
      let service = CaptureService(
        servers: servers, store: store, options: take, every: every.duration, fullEvery: fullEvery.duration,
        rounds: rounds)
      try await Interrupts.untilInterrupted { await service.run() }
    } else {
      try await CaptureOnce(servers: servers, store: store, options: take).run(format: format.format)
    }
    try store.close()
  }

  /// One for each connection; the environment's where none is named.
  private var servers: [ConnectionOptions] {
    let named: [String?] = connections.isEmpty ? [nil] : connections
    return named.map {
      ConnectionOptions(
        connectionString: $0, host: host, port: port, user: user, database: dbname,
        answerTimeout: .seconds(statementTimeout + 15))
    }
  }
}

/// The formats of `capture`.
enum CaptureFormats: FormatSubset {
  static let formats: [OutputFormat] = [.text, .json]
}

/// A stretch of time such as `60s`, `5min` or `1h`.
struct Interval: ExpressibleByArgument {
  var seconds: Int64

  init(seconds: Int64) { self.seconds = seconds }

  init?(argument: String) {
    guard case .last(let length)? = WindowOptions.Since(argument: argument) else { return nil }
    seconds = length.value / 1_000_000
  }

  var duration: Duration { .seconds(seconds) }
  var defaultValueDescription: String {
    seconds % 3_600 == 0 ? "\(seconds / 3_600)h" : seconds % 60 == 0 ? "\(seconds / 60)min" : "\(seconds)s"
  }
}

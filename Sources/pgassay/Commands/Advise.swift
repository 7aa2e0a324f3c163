import Advice
import ArgumentParser
import Foundation
import History
import IndexAdvisor
import Model
import PlannerTwin
import PostgresClient
import Report

/// `pgassay advise`: options, and one call.
struct Advise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which indexes to build and which to drop for the recorded load, and what that brings.",
    discussion: """
      Needs a history with a catalog (pgassay capture) and with queries (logs or snapshots). PostgreSQL's own planner \
      prices every index in a planner twin: a private server on this machine with the catalog's statistics and none of \
      its rows, removed afterwards. No other server is spoken to and nothing is created anywhere; with --planner hypopg \
      the live server is asked instead, in read-only sessions.

      Examples:
        pgassay advise
        pgassay advise --since 7d --budget 500MB
        pgassay advise --database shop --format json > advice.json
        pgassay advise --planner hypopg --server postgresql://monitor@db1/shop
      """)

  /// `500MB`, `2GB`: bytes in PostgreSQL's steps of 1,024.
  struct ByteCount: ExpressibleByArgument {
    var bytes: Int64

    init?(argument: String) {
      let units: [String: Double] = [
        "": 1, "B": 1, "KB": 1_024, "MB": 1_048_576, "GB": 1_073_741_824, "TB": 1_099_511_627_776,
      ]
      let digits = argument.prefix { $0.isNumber || $0 == "." }
      let unit = argument.dropFirst(digits.count).trimmingCharacters(in: .whitespaces).uppercased()
      guard let number = Double(digits), let scale = units[unit], number >= 0, number * scale < 9e18 else { return nil }
      bytes = Int64(number * scale)
    }
  }

  @OptionGroup var history: HistoryOptions
  @OptionGroup var window: WindowOptions

  @Option(help: "The database to advise. Default: that of the newest catalog.")
  var database: String?

  @Option(help: ArgumentHelp("All new indexes together may take this much, such as 500MB.", valueName: "size"))
  var budget: ByteCount?

  @Option(
    help: ArgumentHelp("Leave out what saves less than this share of the load, in per cent.", valueName: "percent"))
  var minimumShare: Double = 0.1

  @Flag(help: "Look for indexes to build only.")
  var noDrops = false

  @Option(
    help: ArgumentHelp("The directory of PostgreSQL's server programs. Default: searched for.", valueName: "directory"))
  var postgresBin: String?

  enum PlannerChoice: String, ExpressibleByArgument, CaseIterable {
    case twin, hypopg
  }

  @Option(
    help: ArgumentHelp(
      """
      Whose planner to ask: that of a planner twin, or that of the live server --server by its extension hypopg \
      (read-only sessions with time limits; nothing is created, the extension must be there; existing indexes can be \
      priced away from HypoPG 1.4 on). Sizes are the twin's in both cases.
      """))
  var planner: PlannerChoice = .twin

  @Option(
    help: ArgumentHelp("The live server for --planner hypopg, as psql takes it.", valueName: "connection"))
  var server: String?

  @OptionGroup var output: FormatOption<ResultFormats>

  func validate() throws {
    guard (planner == .hypopg) == (server != nil) else {
      throw ValidationError(
        "--planner hypopg and --server belong together: the server is asked by its extension hypopg")
    }
    guard minimumShare >= 0, minimumShare <= 100 else {
      throw ValidationError("--minimum-share is in per cent, from 0 to 100")
    }
  }

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .read)
    defer { try? store.close() }
    guard try store.span() != nil else {
      throw AdviceError.noCatalog(path: history.path, database: database)
    }
    let chosen = try HistoryWindow(store, window).boundsSaidWhereMoved()
    if window.isGiven,
      case let workload = try store.workload(in: TimeWindow(from: chosen.lowerBound, to: chosen.upperBound)),
      workload.crossesEdges, workload.statements.contains(where: { $0.source == .snapshots })
    {
      Diagnostics.note(HistoryWindow.crossing(chosen))
    }
    var options = AdvisorOptions()
    options.budgetBytes = budget?.bytes
    options.minimumShare = minimumShare / 100
    options.proposesDrops = !noDrops
    options.parallelism = 2
    let request = WorkloadAdvice.Request(
      database: database, window: TimeWindow(from: chosen.lowerBound, to: chosen.upperBound), options: options,
      twin: PlannerTwin.Options(
        binaryDirectory: postgresBin, databases: planner == .twin ? options.parallelism : 1),
      live: server.map { ConnectionOptions(connectionString: $0) })
    let progress = AdviceProgress()
    let result = try await Interrupts.untilInterrupted {
      try await WorkloadAdvice.make(from: store, request) { progress.show($0) }
    }
    progress.finish()
    let presentation = AdvicePresentation(result)
    switch output.format {
    case .json: Output.standard.json(presentation.json)
    case .markdown: Output.standard.write(presentation.text(.markdown))
    default: Output.standard.write(presentation.text(.terminal(Output.standard.style)))
    }
  }
}

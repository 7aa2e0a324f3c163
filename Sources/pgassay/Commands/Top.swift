import ArgumentParser
import History
import Model
import Report

/// `pgassay top`: options, and one call.
struct Top: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the statements that cost most.",
    discussion: """
      Calls and times come from server logs where these hold every execution, else from differences of \
      pg_stat_statements snapshots; never from both at once. The output says which.

      Examples:
        pgassay top
        pgassay top --by p95 --limit 5 --since 7d --compare previous
        pgassay top --by temp --database shop --table orders
        pgassay top --target 100ms --format json
        pgassay top --between 3f0c81d2aa 91be02c77d

      Exit codes: 0 fine, 2 nothing could be read.
      """)

  @OptionGroup var history: HistoryOptions

  @Option(
    help: ArgumentHelp(
      "What to rank by: \(WorkloadOrder.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "measure"))
  var by: OrderArgument = OrderArgument(.total)

  @Option(help: ArgumentHelp("How many statements.", valueName: "number"))
  var limit = 10

  @OptionGroup var windowOptions: WindowOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Between two snapshots, by the ids that capture and history list print.", valueName: "snapshot"))
  var between: [String] = []

  @Option(
    help: ArgumentHelp(
      "previous: also show the stretch of the same length before. Without a window: the halves of what is recorded.",
      valueName: "window"))
  var compare: Other?

  @Option(help: ArgumentHelp("A latency that 95 % of the executions should meet, such as 100ms.", valueName: "time"))
  var target: LatencyArgument?

  @Flag(
    help: ArgumentHelp(
      "List the statements that functions and procedures ran (pg_stat_statements.track = all) instead.",
      discussion: "Their time is part of their callers', so no sum holds it; shares are of the callers' sum."))
  var nested = false

  @OptionGroup var filter: WorkloadFilterOptions
  @OptionGroup var output: FormatOption<TableFormats>

  enum Other: String, ExpressibleByArgument, CaseIterable { case previous }

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    guard between.isEmpty || between.count == 2 else {
      throw ValidationError("--between needs two snapshot ids.")
    }
    guard between.isEmpty || !windowOptions.isGiven else {
      throw ValidationError("--between cannot be combined with --since, --from or --to.")
    }
  }

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .read)
    let window = try HistoryWindow(store, windowOptions, between: between, compares: compare != nil)
    let all = try store.workload(in: window.window, filter.filter)
    let workload = nested ? all.ofNested : all
    if workload.statements.isEmpty, workload.crossesEdges {
      throw HistoryError.notFound(
        path: history.path,
        what:
          "whole hour or day from \(HistoryWindow.text(window.window)): only sums of hours and days are kept of that "
          + "time; ask for a longer window")
    }
    if workload.statements.isEmpty, workload.logSpan == nil {
      let byServer = Dictionary(grouping: try store.snapshots(), by: \.server)
      if !byServer.isEmpty, byServer.values.allSatisfy({ $0.count == 1 }) {
        throw HistoryError.notFound(
          path: history.path,
          what: "second snapshot of a server: what is counted is the difference of two; run pgassay capture again")
      }
    }
    if workload.statements.isEmpty, !between.isEmpty {
      let ends = [window.bounds.lowerBound, window.bounds.upperBound]
      if let narrow = try store.snapshots().first(where: { ends.contains($0.at) && $0.hidden > 0 }) {
        throw HistoryError.notFound(
          path: history.path,
          what:
            "difference from or to snapshot \(narrow.id): \(narrow.hidden) statements of other roles were hidden from it, "
            + "so the snapshots around it are compared with each other; name one of these")
      }
    }
    if workload.statements.isEmpty {
      let limits = filter.filter.words
      throw HistoryError.notFound(
        path: history.path,
        what: (nested ? "nested statement" : "statement")
          + (limits.isEmpty ? "" : " of " + limits.joined(separator: ", ")) + " from "
          + HistoryWindow.text(window.window))
    }
    let previous = try compare.map { _ in
      let before = try store.workload(in: window.previous(store), filter.filter)
      return nested ? before.ofNested : before
    }
    let report = TopReport(
      workload: workload, previous: previous, window: window, order: by.order, limit: limit, target: target?.value,
      filter: filter.filter, callers: nested ? all : nil)
    switch output.format {
    case .json: Output.standard.json(report.json)
    case .csv: Output.standard.write(CSVTable(report.fullTable).rendered())
    case .markdown: Output.standard.write(report.markdown)
    case .text, .html:
      for line in report.heading { Output.standard.line(line) }
      Output.standard.line()
      Output.standard.table(report.table(width: Output.standard.style.width))
      for note in report.notes { Output.standard.line(Output.standard.styled(note, .faint)) }
    }
  }
}

/// A `WorkloadOrder` by its name.
struct OrderArgument: ExpressibleByArgument {
  var order: WorkloadOrder

  init(_ order: WorkloadOrder) { self.order = order }

  init?(argument: String) {
    guard let order = WorkloadOrder(rawValue: argument) else { return nil }
    self.order = order
  }

  var defaultValueDescription: String { order.rawValue }
  static var allValueStrings: [String] { WorkloadOrder.allCases.map(\.rawValue) }
}

/// A duration on the command line: `100ms`, `1.5s`, `250us`.
struct LatencyArgument: ExpressibleByArgument {
  var value: Microseconds

  init?(argument: String) {
    let units: [(String, Double)] = [("ms", 1e3), ("us", 1), ("µs", 1), ("min", 6e7), ("s", 1e6)]
    guard let (suffix, scale) = units.first(where: { argument.hasSuffix($0.0) }),
      let number = Double(argument.dropLast(suffix.count)), number > 0, number * scale < 9e15
    else { return nil }
    value = Microseconds(Int64((number * scale).rounded()))
  }
}

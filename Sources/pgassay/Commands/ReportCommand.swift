import Advice
import ArgumentParser
import Catalog
import Digest
import History
import IndexAdvisor
import Model
import PlannerTwin
import Report

/// `pgassay report`: everything that a window of the history says, as one document.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a report of a week: targets, load, queries, changes, indexes, plans, errors and what to do.",
    discussion: """
      Without a window it is about the seven days (UTC) that end with the day of the newest observation, compared with \
      the seven before. The HTML is one file that needs no network, prints well on A4, and shows no literal value of \
      your data unless --show-values is given. The same history gives the same bytes.

      Examples:
        pgassay report --output report.html
        pgassay report --since 30d --format markdown > report.md
        pgassay report --from 2026-03-09 --to 2026-03-16 --format json --output week.json
      """)

  enum Formats: FormatSubset {
    static let formats: [OutputFormat] = [.html, .markdown, .json]
  }

  @OptionGroup var history: HistoryOptions
  @OptionGroup var window: WindowOptions
  @OptionGroup var format: FormatOption<Formats>

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write it; - is standard output.", valueName: "file"))
  var output = "-"

  @Option(help: ArgumentHelp("The latency that 95 % of the calls must stay below, such as 100ms.", valueName: "time"))
  var target: LatencyArgument?

  @Option(help: ArgumentHelp("How many of the costliest queries to show in detail.", valueName: "n"))
  var limit = 25

  @Option(help: ArgumentHelp("The report's title.", valueName: "text"))
  var title: String?

  @Flag(help: "Leave index advice out; without it the report needs no PostgreSQL programs on this machine.")
  var noAdvice = false

  @Option(
    help: ArgumentHelp("The directory of PostgreSQL's server programs. Default: searched for.", valueName: "directory"))
  var postgresBin: String?

  @Flag(help: "Keep the parts that may show literals of your data.")
  var showValues = false

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1.") }
  }

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .read)
    guard let span = try store.span(), let from = span.from, let to = span.to else {
      throw HistoryError.notFound(path: history.path, what: "observations; ingest logs or capture snapshots first")
    }
    var options = DigestOptions(generator: "pgassay \(PgAssay.configuration.version)")
    if let target { options.targetMs = target.value.milliseconds }
    options.queryLimit = limit
    options.showsValues = showValues
    if let title { options.title = title }
    let chosen =
      window.isGiven
      ? try HistoryWindow(store, window).boundsSaidWhereMoved() : window.calendarWindow(in: from..<to, days: 7)
    let digest = try WorkloadDigest(store, window: chosen, options: options)
    if digest.crossesEdges { Diagnostics.note(HistoryWindow.crossing(chosen)) }
    var report = try digest.report()
    try digest.addCatalog(to: &report)
    if let catalog = try store.latestCatalog() {
      let facts = try DatabaseFacts(Snapshot(lines: catalog.lines, needsEnd: false))
      digest.addReview(of: facts, named: catalog.database, to: &report)
    }
    try await addAdvice(to: &report, from: store, window: chosen)
    let text =
      switch format.format {
      case .json: report.json.pretty
      case .markdown: MarkdownReport(report.document).rendered()
      default: HTMLReport(report.document).rendered()
      }
    try OutputFile.write(text, to: output)
    if output != "-" { Diagnostics.note("wrote \(output)") }
  }

  /// Index advice for the window, priced in a planner twin; where there can be none, the report says why.
  private func addAdvice(to report: inout WeeklyReport, from store: HistoryStore, window: Range<Timestamp>) async throws
  {
    if noAdvice {
      report.adviceNotes = ["Index advice was not asked for (--no-advice)."]
      return
    }
    var options = AdvisorOptions()
    options.parallelism = 2
    let request = WorkloadAdvice.Request(
      window: TimeWindow(from: window.lowerBound, to: window.upperBound), options: options,
      twin: PlannerTwin.Options(binaryDirectory: postgresBin, databases: options.parallelism))
    let progress = AdviceProgress()
    defer { progress.finish() }
    do {
      let result = try await Interrupts.untilInterrupted {
        try await WorkloadAdvice.make(from: store, request) { progress.show($0) }
      }
      let days = (window.upperBound.seconds - window.lowerBound.seconds) / 86_400
      report.add(result.advice, database: result.database, days: days, showsValues: showValues)
    } catch let error as any UserError {
      report.adviceNotes = ["There is no index advice: \(error.sentence)."]
      if case AdviceError.noCatalog = error { return }
      Diagnostics.warning("the report has no index advice: \(error.sentence)")
    }
  }
}

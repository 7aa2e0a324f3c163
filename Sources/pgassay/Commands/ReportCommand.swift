import ArgumentParser
import Digest
import History
import Model
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
    let digest = try WorkloadDigest(store, window: window.calendarWindow(in: from..<to, days: 7), options: options)
    var report = try digest.report()
    try digest.addCatalog(to: &report)
    let text =
      switch format.format {
      case .json: report.json.pretty
      case .markdown: MarkdownReport(report.document).rendered()
      default: HTMLReport(report.document).rendered()
      }
    try OutputFile.write(text, to: output)
    if output != "-" { Diagnostics.note("wrote \(output)") }
  }
}

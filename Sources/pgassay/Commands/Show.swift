import ArgumentParser
import History
import Model
import Report

/// `pgassay show`: options, and one call.
struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell one statement's life: numbers, trend, latencies, plans, parameters, tables and indexes.",
    discussion: """
      The fingerprint is what `pgassay top` prints, or its first digits. The text is for your terminal and shows literals \
      and parameters of your data; Markdown and JSON, which travel, show them only with --show-values.

      Examples:
        pgassay show 7cb3c9be
        pgassay show 7cb3c9be --since 7d --target 50ms
        pgassay show 7cb3c9be --format json --show-values
      """)

  @Argument(help: ArgumentHelp("The fingerprint, or its first digits.", valueName: "fingerprint"))
  var fingerprint: String

  @OptionGroup var history: HistoryOptions
  @OptionGroup var windowOptions: WindowOptions

  @Option(help: ArgumentHelp("A latency that 95 % of the executions should meet, such as 100ms.", valueName: "time"))
  var target: LatencyArgument?

  @Flag(help: "Show the literals and parameters of your data in Markdown and JSON too.")
  var showValues = false

  @OptionGroup var output: FormatOption<ResultFormats>

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .read)
    let window = try HistoryWindow(store, windowOptions)
    let life = try StatementLife(
      store, statement: try store.statement(hex: fingerprint), window: window, target: target?.value,
      showsValues: showValues || output.format == .text)
    switch output.format {
    case .json: Output.standard.json(life.json)
    case .markdown: Output.standard.write(life.text(Output.standard.style, isMarkdown: true))
    case .text, .csv, .html: Output.standard.write(life.text(Output.standard.style, isMarkdown: false))
    }
  }
}

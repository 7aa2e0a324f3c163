import ArgumentParser
import History
import Report

/// `pgassay doctor`: options, and one call.
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a history: is the file sound, who can read it, what do the sources lack?",
    discussion: """
      Examples:
        pgassay doctor
        pgassay doctor --history shop.history --format json

      Exit codes: 0 sound, 1 something is wrong with the file, 2 it could not be opened.
      """)

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: FormatOption<ResultFormats>

  func run() async throws {
    let checkup: Checkup
    do {
      checkup = try Checkup(try HistoryStore(path: history.path, mode: .read))
    } catch HistoryError.damaged(let path, let detail) {
      checkup = Checkup(damaged: path, detail: detail)
    }
    switch output.format {
    case .json: Output.standard.json(checkup.json)
    case .markdown: Output.standard.write(MarkdownTable(checkup.table).rendered())
    case .text, .csv, .html: Output.standard.table(checkup.table)
    }
    if checkup.isBroken { throw ExitCode.findings }
  }
}

import ArgumentParser
import Report

/// `pgassay twin list`: options, and one call.
struct TwinList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the twins that 'pgassay twin start' keeps.",
    discussion: """
      Examples:
        pgassay twin list
        pgassay twin list --format json
      """)

  @OptionGroup var output: FormatOption<TableFormats>

  func run() async throws {
    let kept = try KeptTwin.running()
    var table = Table([.text("name"), .text("database"), .number("process"), .flexible("directory")])
    for twin in kept {
      table.add([.text(twin.name), .text(twin.database), .text(String(twin.owner)), .text(twin.directory)])
    }
    switch output.format {
    case .json:
      Output.standard.json([
        "schema_version": 1,
        "twins": .array(
          kept.map {
            [
              "name": .string($0.name), "database": .string($0.database), "process": .integer(Int64($0.owner)),
              "directory": .string($0.directory),
            ]
          }),
      ])
    case .csv: Output.standard.write(CSVTable(table).rendered())
    case .markdown: Output.standard.write(MarkdownTable(table).rendered())
    default:
      if kept.isEmpty { Output.standard.line("no twin is running") } else { Output.standard.table(table) }
    }
  }
}

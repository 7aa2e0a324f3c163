import ArgumentParser
import History
import Report

/// `pgassay history export`.
struct HistoryExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write flat rows of one kind, for a spreadsheet, a data frame or Parquet.",
    discussion: """
      Kinds: \(ExportKind.allCases.map(\.rawValue).joined(separator: ", ")). Every row has the same columns; ndjson is \
      one object a line, each key of one type throughout, which loads into Parquet without a schema. Samples and plans hold literals of your data: their \
      texts are left empty unless --show-values is given.

      Examples:
        pgassay history export executions > executions.ndjson
        pgassay history export intervals --since 7d --format csv > intervals.csv
      """)

  @OptionGroup var history: HistoryOptions

  @Argument(help: ArgumentHelp("What to export.", valueName: "kind"))
  var kind: Kind

  @OptionGroup var windowOptions: WindowOptions

  @Option(help: ArgumentHelp("ndjson, json or csv.", valueName: "format"))
  var format: Format = .ndjson

  @Flag(help: "Export the texts of samples and plans, which hold literals of your data.")
  var showValues = false

  enum Format: String, ExpressibleByArgument, CaseIterable { case ndjson, json, csv }

  /// An `ExportKind` by its name.
  struct Kind: ExpressibleByArgument {
    var kind: ExportKind

    init?(argument: String) {
      guard let kind = ExportKind(rawValue: argument) else { return nil }
      self.kind = kind
    }

    static var allValueStrings: [String] { ExportKind.allCases.map(\.rawValue) }
  }

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .read)
    let window = try HistoryWindow(store, windowOptions)
    if windowOptions.isGiven { window.sayWhereMoved() }
    let output = Output.standard
    var names: [String] = []
    var isFirst = true
    try store.export(
      kind.kind, in: windowOptions.isGiven ? window.window : .everything, showsValues: showValues,
      columns: { columns in
        names = columns
        switch format {
        case .csv: output.write(CSVTable.record(columns))
        case .json:
          output.write("{\"schema_version\":\(JSONValue.schemaVersion),\"kind\":\"\(kind.kind.rawValue)\",\"rows\":[")
        case .ndjson: break
        }
      },
      row: { values in
        switch format {
        case .csv: output.write(CSVTable.record(values.map(\.text)))
        case .json, .ndjson:
          let object = JSONValue.object(zip(names, values).map { .init($0, $1.json) })
          output.write((format == .json && !isFirst ? ",\n" : format == .json ? "\n" : "") + object.compact)
          if format == .ndjson { output.write("\n") }
          isFirst = false
        }
      })
    if format == .json { output.write("\n]}\n") }
  }
}

extension ExportValue {
  var text: String {
    switch self {
    case .null: ""
    case .integer(let value): String(value)
    case .real(let value): TopReport.plain(value)
    case .text(let text): text
    case .bool(let value): value ? "true" : "false"
    }
  }

  var json: JSONValue {
    switch self {
    case .null: .null
    case .integer(let value): .integer(value)
    // With its fraction even where that is zero: a column has one type in all rows.
    case .real(let value): .real(value)
    case .text(let text): .string(text)
    case .bool(let value): .bool(value)
    }
  }
}

import ArgumentParser

/// The forms in which results are printed.
enum OutputFormat: String, Sendable, CaseIterable {
  case text, markdown, json, csv, html
}

/// The formats that a command offers; the first one is its default.
protocol FormatSubset: Sendable {
  static var formats: [OutputFormat] { get }
}

/// The formats of a command that prints one table.
enum TableFormats: FormatSubset {
  static let formats: [OutputFormat] = [.text, .markdown, .json, .csv]
}

/// The formats of a command that prints more than one table.
enum ResultFormats: FormatSubset {
  static let formats: [OutputFormat] = [.text, .markdown, .json]
}

/// `--format`, limited to what the command offers:
///
///     @OptionGroup var output: FormatOption<TableFormats>
///     …
///     switch output.format { … }
struct FormatOption<Subset: FormatSubset>: ParsableArguments {
  struct Choice: ExpressibleByArgument {
    var format: OutputFormat

    init(_ format: OutputFormat) { self.format = format }

    init?(argument: String) {
      let name = argument == "md" ? "markdown" : argument
      guard let format = OutputFormat(rawValue: name), Subset.formats.contains(format) else { return nil }
      self.format = format
    }

    var defaultValueDescription: String { format.rawValue }
    static var allValueStrings: [String] { Subset.formats.map(\.rawValue) }
  }

  @Option(name: .customLong("format"), help: ArgumentHelp("How to print the result.", valueName: "format"))
  private var choice: Choice = Choice(Subset.formats.first ?? .text)

  var format: OutputFormat { choice.format }
}

import Foundation
import Ingest
import Model
import Report

/// The table that `pgassay ingest` prints: each source, what it held and what of it was not counted.
struct IngestTable {
  private let report: IngestReport
  /// What all paths begin with, up to a slash: said once, so that the table shows the names that tell sources apart.
  private let directory: String

  init(_ report: IngestReport) {
    self.report = report
    directory = Self.commonDirectory(report.sources.map(\.path))
  }

  private static func commonDirectory(_ paths: [String]) -> String {
    guard paths.count > 1, var common = paths.first else { return "" }
    for path in paths { common = common.commonPrefix(with: path) }
    return common.lastIndex(of: "/").map { String(common[...$0]) } ?? ""
  }

  private func name(_ path: String) -> String {
    path.hasPrefix(directory) ? String(path.dropFirst(directory.count)) : path
  }

  /// Each warning once, with the sources that it is about.
  var warnings: [String] {
    var order: [String] = []
    var paths: [String: [String]] = [:]
    for source in report.sources {
      for warning in source.warnings {
        if paths[warning] == nil { order.append(warning) }
        paths[warning, default: []].append(source.path)
      }
    }
    return order.map { warning in
      let sources = paths[warning] ?? []
      let subject = sources.count > 1 ? "\(sources[0]) and \(sources.count - 1) more" : sources.first ?? ""
      return "\(subject): \(warning)"
    }
  }

  /// Names the sources whose last entry is not counted yet.
  var waiting: [String] {
    let names = report.sources.filter(\.isWaiting).map(\.path)
    guard let first = names.first else { return [] }
    if names.count == 1 { return ["\(first): \(Self.waits)"] }
    return ["\(names.joined(separator: ", ")): of each, \(Self.waits)"]
  }

  private static let waits =
    "the last entry may go on in a next line and is not counted yet: run again when the file has grown or was not "
    + "written to for 10 s"

  func print(_ format: OutputFormat) {
    switch format {
    case .markdown: Output.standard.write(MarkdownTable(table).rendered())
    case .csv: Output.standard.write(CSVTable(table).rendered())
    case .json: Output.standard.json(json)
    case .text, .html:
      if !directory.isEmpty { Output.standard.line("in \(directory):") }
      Output.standard.table(shortTable)
      let notes = notes
      if !notes.isEmpty { Output.standard.line() }
      for note in notes { Output.standard.line(note) }
    }
  }

  /// For a terminal: without columns that hold nothing but zeros; what is long stands in the lines beneath.
  private var shortTable: Table {
    let sources = report.sources
    let skipped = sources.map { $0.skipped.values.reduce(0, +) }
    let counts: [(title: String, values: [Int64])] = [
      ("entries", sources.map(\.entries)), ("executions", sources.map(\.executions)), ("plans", sources.map(\.plans)),
      ("errors", sources.map(\.errors)), ("skipped", skipped),
    ]
    let shown = counts.enumerated().filter { $0.offset < 2 || $0.element.values.contains { $0 > 0 } }.map(\.element)
    var table = Table(
      [.flexible("source"), .text("format")] + shown.map { .number($0.title) } + [.text("outcome")])
    for (i, source) in sources.enumerated() {
      table.add(
        [.text(name(source.path)), .text(String(source.format.prefix { $0 != " " }))]
          + shown.map { .count($0.values[i]) } + [.text(shortOutcome(source.outcome), tone: tone(source.outcome))])
    }
    return table
  }

  private var table: Table {
    var table = Table([
      .flexible("source"), .text("format"), .number("entries"), .number("executions"), .number("plans"),
      .number("errors"), .number("skipped"), .text("from"), .text("to"), .flexible("outcome", minimum: 12),
    ])
    for source in report.sources {
      table.add([
        .text(name(source.path)), .text(String(source.format.prefix { $0 != " " })), .count(source.entries),
        .count(source.executions),
        .count(source.plans), .count(source.errors), .count(source.skipped.values.reduce(0, +)),
        .text(source.first.map(time) ?? "–"), .text(source.last.map(time) ?? "–"),
        .text(outcome(source.outcome), tone: tone(source.outcome)),
      ])
    }
    return table
  }

  /// What each source is of, and what of it was not counted, by reason.
  private var notes: [String] {
    report.sources.flatMap { source in
      description(source)
        + source.prefixChanges.map { "\(name(source.path)), \($0)" }
        + source.skipped.sorted { $0.key < $1.key }.map { "\(name(source.path)): \($0.value) × \(reason($0.key))" }
        + source.examples.map { "\(name(source.path)): \($0)" }
    }
  }

  /// From when to when a source goes, and which prefix a log was read with, because it was found out; or why it was
  /// left out.
  private func description(_ source: IngestReport.Source) -> [String] {
    var parts: [String] = []
    if let first = source.first, let last = source.last {
      let (from, to) = (time(first), time(last))
      parts.append(
        from == to ? from : from.prefix(10) == to.prefix(10) ? "\(from) to \(to.dropFirst(11))" : "\(from) to \(to)")
    }
    switch source.outcome {
    case .read:
      if let blank = source.format.firstIndex(of: " ") { parts.append("log_line_prefix\(source.format[blank...])") }
    case .sameAs(let path): parts.append("same entries as \(name(path))")
    case .skipped(let reason): parts.append(reason)
    case .alreadyRead, .failed: break
    }
    return parts.isEmpty ? [] : ["\(name(source.path)): \(parts.joined(separator: ", "))"]
  }

  /// A reason that names a source names it as the table does.
  private func reason(_ text: String) -> String {
    directory.isEmpty ? text : text.split(separator: directory, omittingEmptySubsequences: false).joined()
  }

  private func time(_ time: Timestamp) -> String {
    let text = time.description
    return String(text.prefix(19).map { $0 == "T" ? " " : $0 })
  }

  private func outcome(_ outcome: IngestReport.Source.Outcome) -> String {
    switch outcome {
    case .read: "read"
    case .alreadyRead: "already read"
    case .sameAs(let path): "same entries as \(name(path))"
    case .skipped(let reason): "skipped: \(reason)"
    case .failed: "failed"
    }
  }

  /// The outcome in a word or two; the rest of it is in the notes.
  private func shortOutcome(_ outcome: IngestReport.Source.Outcome) -> String {
    switch outcome {
    case .sameAs: "same entries"
    case .skipped: "skipped"
    default: self.outcome(outcome)
    }
  }

  private func tone(_ outcome: IngestReport.Source.Outcome) -> Tone {
    switch outcome {
    case .read: .good
    case .alreadyRead, .sameAs, .skipped: .faint
    case .failed: .critical
    }
  }

  private var json: JSONValue {
    .document([
      "sources": .array(
        report.sources.map { source in
          [
            "path": .string(source.path), "format": .string(source.format),
            "outcome": .string(outcome(source.outcome)), "entries": .integer(source.entries),
            "executions": .integer(source.executions), "plans": .integer(source.plans),
            "errors": .integer(source.errors), "events": .integer(source.events),
            "known_entries": .integer(source.known), "lost_lines": .integer(source.lostLines),
            "content_bytes": .integer(source.bytes),
            "skipped": .object(
              source.skipped.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .integer($0.value)) }),
            "examples": .array(source.examples.map { .string($0) }),
            "prefix_changes": .array(source.prefixChanges.map { .string($0) }),
            "first": .text(source.first?.description), "last": .text(source.last?.description),
            "warnings": .array(
              (source.warnings + (source.isWaiting ? [Self.waits] : [])).map { .string($0) }),
          ]
        })
    ])
  }
}

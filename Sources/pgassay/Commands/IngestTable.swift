import Ingest
import Model
import Report

/// The table that `pgassay ingest` prints: each source, what it held and what of it was not counted.
struct IngestTable {
  private let report: IngestReport

  init(_ report: IngestReport) { self.report = report }

  func print(_ format: OutputFormat) {
    switch format {
    case .markdown: Output.standard.write(MarkdownTable(table).rendered())
    case .csv: Output.standard.write(CSVTable(table).rendered())
    case .json: Output.standard.json(json)
    case .text, .html:
      Output.standard.table(table)
      let notes = notes
      if !notes.isEmpty { Output.standard.line() }
      for note in notes { Output.standard.line(note) }
    }
  }

  private var table: Table {
    var table = Table([
      .flexible("source"), .text("format"), .number("entries"), .number("executions"), .number("plans"),
      .number("errors"), .number("skipped"), .text("from"), .text("to"), .flexible("outcome", minimum: 12),
    ])
    for source in report.sources {
      table.add([
        .text(source.path), .text(String(source.format.prefix { $0 != " " })), .count(source.entries),
        .count(source.executions),
        .count(source.plans), .count(source.errors), .count(source.skipped.values.reduce(0, +)),
        .text(source.first.map(time) ?? "–"), .text(source.last.map(time) ?? "–"),
        .text(outcome(source.outcome), tone: tone(source.outcome)),
      ])
    }
    return table
  }

  /// What was not counted, by source and reason.
  private var notes: [String] {
    report.sources.flatMap { source in
      prefix(source)
        + source.skipped.sorted { $0.key < $1.key }.map { "\(source.path): \($0.value) × \($0.key)" }
    }
  }

  /// Which prefix a log was read with, because it was found out.
  private func prefix(_ source: IngestReport.Source) -> [String] {
    guard source.outcome == .read, let blank = source.format.firstIndex(of: " ") else { return [] }
    return ["\(source.path): log_line_prefix\(source.format[blank...])"]
  }

  private func time(_ time: Timestamp) -> String {
    let text = time.description
    return String(text.prefix(19).map { $0 == "T" ? " " : $0 })
  }

  private func outcome(_ outcome: IngestReport.Source.Outcome) -> String {
    switch outcome {
    case .read: "read"
    case .alreadyRead: "already read"
    case .sameAs(let path): "same entries as \(path)"
    case .skipped(let reason): "skipped: \(reason)"
    case .failed: "failed"
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
            "lost_lines": .integer(source.lostLines), "content_bytes": .integer(source.bytes),
            "skipped": .object(
              source.skipped.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .integer($0.value)) }),
            "first": .text(source.first?.description), "last": .text(source.last?.description),
            "warnings": .array(source.warnings.map { .string($0) }),
          ]
        })
    ])
  }
}

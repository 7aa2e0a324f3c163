import Findings

/// A document as Markdown in GitHub's dialect, with the same content as the HTML.
public struct MarkdownReport: Sendable {
  public let document: ReportDocument
  let anchors: Set<String>

  /// Links that would lead nowhere become plain words.
  public init(_ document: ReportDocument) {
    self.document = document.withoutDeadLinks()
    anchors = document.anchors
  }

  public func rendered() -> String {
    var output = "# " + Markdown.escaped(document.title) + "\n\n"
    output += Markdown.escaped(document.subtitle) + "\n\n"
    for fact in document.facts {
      output += "- " + Markdown.escaped(fact.label) + ": " + Self.text(fact.value) + "\n"
    }
    if !document.facts.isEmpty { output += "\n" }
    for section in document.sections { render(section, level: 2, to: &output) }
    while output.hasSuffix("\n\n") { output.removeLast() }
    return output
  }

  private func render(_ section: ReportDocument.Section, level: Int, to output: inout String) {
    output += String(repeating: "#", count: min(level, 6)) + " " + Markdown.escaped(section.title) + "\n\n"
    for block in section.blocks { render(block, to: &output) }
    for subsection in section.subsections { render(subsection, level: level + 1, to: &output) }
  }

  private func render(_ block: ReportDocument.Block, to output: inout String) {
    switch block {
    case .paragraph(let prose): output += Self.text(prose) + "\n\n"
    case .list(let items): output += items.map { "- " + Self.text($0) + "\n" }.joined() + "\n"
    case .verdicts(let verdicts):
      for verdict in verdicts { output += Self.text(verdict) }
      output += "\n"
    case .figures(let figures):
      for figure in figures { output += Self.text(figure) }
      output += "\n"
    case .table(let table, let caption):
      if let caption { output += Self.text(caption) + "\n\n" }
      output += MarkdownTable(table).rendered() + "\n"
    case .chart(let chart): output += Self.text(chart) + "\n"
    case .findings(let findings):
      for finding in findings { render(finding, to: &output) }
    case .code(let code):
      if let title = code.title { output += Markdown.escaped(title) + ":\n\n" }
      output += Markdown.codeBlock(code.text, language: code.language) + "\n"
    case .note(let tone, let prose): output += "> " + Self.mark(tone) + Self.text(prose) + "\n\n"
    case .details(let summary, let anchor, let blocks):
      if let anchor { output += "<a id=\"" + HTMLOutput.escaped(anchor) + "\"></a>\n" }
      // Inside <summary> GitHub reads HTML, not Markdown.
      output += "<details><summary>" + HTMLOutput.escaped(DisplayWidth.printable(summary.plainText)) + "</summary>\n\n"
      for block in blocks { render(block, to: &output) }
      output += "</details>\n\n"
    }
  }

  private static func text(_ prose: Prose) -> String {
    // Blanks at the ends of a span belong to the sentence.
    prose.spans.map { span in
      switch span {
      case .text(let text):
        (text.first == " " ? " " : "") + Markdown.escaped(text) + (text.count > 1 && text.last == " " ? " " : "")
      case .code(let text): Markdown.code(text)
      case .strong(let text): "**" + Markdown.escaped(text) + "**"
      case .link(let text, let anchor): "[" + Markdown.escaped(text) + "](#" + anchor + ")"
      }
    }.joined()
  }

  private static func mark(_ tone: Tone) -> String {
    switch tone {
    case .plain, .strong, .faint: ""
    case .good: "✔ "
    case .warning: "⚠ "
    case .critical: "✖ "
    }
  }

  private static func text(_ verdict: Verdict) -> String {
    let state =
      switch verdict.state {
      case .met: "✔ **met**"
      case .missed: "✖ **missed**"
      case .unknown: "❔ **unknown**"
      }
    var line = "- " + state + ": " + Markdown.escaped(verdict.target)
    if let value = verdict.value {
      line += ", " + Markdown.escaped(value.description)
      if let movement = Movement(from: verdict.previous, to: value, better: .lower) {
        line += " (" + movement.text + ")"
      }
    }
    return line + ". " + text(verdict.reason) + "\n"
  }

  private static func text(_ figure: Figure) -> String {
    var line = "- " + Markdown.escaped(figure.label) + ": **" + Markdown.escaped(figure.value.description) + "**"
    if let movement = Movement(from: figure.previous, to: figure.value, better: figure.better) {
      line += " (" + movement.text + (figure.previous.map { " from " + $0.description } ?? "") + ")"
    }
    if let note = figure.note { line += ", " + Markdown.escaped(note) }
    return line + "\n"
  }

  /// A chart in one or two lines: its summary, and a line of blocks for each series.
  private static func text(_ chart: Chart) -> String {
    var text = "**" + Markdown.escaped(chart.title) + "** " + Markdown.escaped(chart.summary) + "\n\n"
    switch chart.kind {
    case .time(let series):
      for line in series.lines {
        guard !line.values.isEmpty else { continue }
        text += "- " + Markdown.escaped(line.name) + ": " + Markdown.code(Sparkline.text(line.values, width: 96)) + "\n"
      }
      if let first = series.labels.first, let last = series.labels.last {
        text += "- from " + Markdown.escaped(first) + " to " + Markdown.escaped(last) + "\n"
      }
    case .distribution(let distribution):
      let counts = distribution.buckets.map { Optional($0.count) }
      guard let first = distribution.buckets.first, let last = distribution.buckets.last else { break }
      text += "- " + Markdown.escaped(Quantity(first.lower, distribution.unit).description) + " "
      text += Markdown.code(Sparkline.text(counts)) + " "
      text += Markdown.escaped(Quantity(last.upper, distribution.unit).description) + "\n"
    }
    return text
  }

  private func render(_ finding: Finding, to output: inout String) {
    let words = FindingWords(finding)
    output += "<a id=\"" + words.anchor + "\"></a>\n**" + Markdown.escaped(words.severity) + ": "
    output += Markdown.escaped(finding.title) + "**  \n"
    var head = Markdown.escaped(finding.subject.description)
    if let anchor = words.subjectAnchor, anchors.contains(anchor) { head = "[" + head + "](#" + anchor + ")" }
    if let gain = words.gain {
      head += " · " + Markdown.escaped(gain) + (words.gainRange.map { " (" + Markdown.escaped($0) + ")" } ?? "")
    }
    output += head + "\n\n"
    for evidence in finding.evidence {
      if FindingWords.isExcerpt(evidence) { continue }
      output +=
        "- " + Markdown.escaped(evidence.label) + ": " + Markdown.escaped(FindingWords.text(evidence.value)) + "\n"
    }
    output += "\n"
    for evidence in finding.evidence where FindingWords.isExcerpt(evidence) {
      output +=
        Markdown.escaped(evidence.label) + ":\n\n" + Markdown.codeBlock(FindingWords.text(evidence.value)) + "\n"
    }
    output += Markdown.escaped(finding.remedy.sentence) + "\n\n"
    if !finding.remedy.sql.isEmpty {
      output += Markdown.codeBlock(finding.remedy.sql.joined(separator: "\n"), language: "sql") + "\n"
    }
    if !finding.remedy.rollback.isEmpty {
      output +=
        "Undo:\n\n" + Markdown.codeBlock(finding.remedy.rollback.joined(separator: "\n"), language: "sql") + "\n"
    }
    var small: [String] = []
    if !finding.remedy.risk.isEmpty { small.append("Risk: " + Markdown.escaped(finding.remedy.risk)) }
    small.append(words.confidence + ": " + Markdown.escaped(finding.confidence.reason))
    small.append("Rule " + Markdown.code(finding.rule.name) + ", id " + Markdown.code(finding.id) + ".")
    output += small.joined(separator: " ") + "\n\n"
  }
}

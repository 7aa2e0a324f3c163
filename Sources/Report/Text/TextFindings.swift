public import Findings

/// Findings for a terminal: numbered, each with its evidence, its remedy and how sure it is.
public struct TextFindings: Sendable {
  public var findings: [Finding]
  /// Columns of the terminal; nil for no limit.
  public var width: Int?
  public var isColoured: Bool

  public init(_ findings: [Finding], width: Int?, isColoured: Bool = false) {
    self.findings = findings
    self.width = width
    self.isColoured = isColoured
  }

  /// The findings in their order, numbered from 1, blank lines between them, each line ended by a newline.
  public func rendered() -> String {
    findings.enumerated().map { render($0.element, number: $0.offset + 1) }.joined(separator: "\n")
  }

  private func render(_ finding: Finding, number: Int) -> String {
    let words = FindingWords(finding)
    var lines: [String] = []
    let head = "[\(number)] \(words.severity): \(DisplayWidth.printable(finding.title))"
    lines += TextWrap.lines(head, width: width ?? .max).map {
      ANSIStyle.styled($0, words.tone == .plain ? .strong : words.tone, isColoured: isColoured)
    }
    var gain = words.gain.map { "would give back " + $0 }
    if let range = words.gainRange { gain = gain.map { $0 + ", " + range } }
    paragraph([gain, finding.rule.name, "id " + finding.id].compactMap { $0 }.joined(separator: " · "), to: &lines)
    let shown = finding.evidence.filter { !FindingWords.isExcerpt($0) }
    let labels = shown.map { DisplayWidth.of($0.label) }.max() ?? 0
    for evidence in shown {
      let blanks = String(repeating: " ", count: labels - DisplayWidth.of(evidence.label))
      let value = DisplayWidth.printable(FindingWords.text(evidence.value))
      let room = width.map { max(20, $0 - labels - 6) } ?? .max
      for (index, part) in TextWrap.lines(value, width: room).enumerated() {
        lines.append(
          "    " + (index == 0 ? evidence.label + blanks : String(repeating: " ", count: labels)) + "  " + part)
      }
    }
    paragraph(finding.remedy.sentence, to: &lines)
    for statement in finding.remedy.sql { lines.append("      " + DisplayWidth.printable(statement)) }
    if !finding.remedy.rollback.isEmpty {
      lines.append("    Undo:")
      for statement in finding.remedy.rollback { lines.append("      " + DisplayWidth.printable(statement)) }
    }
    if !finding.remedy.risk.isEmpty { paragraph("Risk: " + finding.remedy.risk, to: &lines) }
    paragraph(words.confidence + ": " + finding.confidence.reason + ".", to: &lines)
    return lines.map { $0 + "\n" }.joined()
  }

  private func paragraph(_ text: String, to lines: inout [String]) {
    for line in TextWrap.lines(DisplayWidth.printable(text), width: width.map { max(20, $0 - 4) } ?? .max) {
      lines.append("    " + line)
    }
  }
}

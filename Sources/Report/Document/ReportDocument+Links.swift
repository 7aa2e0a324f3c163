internal import Findings

extension ReportDocument {
  /// The places that links can point to.
  var anchors: Set<String> {
    var anchors: Set<String> = []
    func note(_ blocks: [Block]) {
      for block in blocks {
        switch block {
        case .findings(let findings): anchors.formUnion(findings.map { FindingWords($0).anchor })
        case .details(_, let anchor, let blocks):
          if let anchor { anchors.insert(anchor) }
          note(blocks)
        case .paragraph, .list, .verdicts, .figures, .table, .chart, .code, .note: break
        }
      }
    }
    func note(_ section: Section) {
      anchors.insert(section.anchor)
      note(section.blocks)
      section.subsections.forEach(note)
    }
    sections.forEach(note)
    return anchors
  }

  /// The same document, with the plain words where a link points to nothing: to the card of a query that a limit left
  /// out, or to a finding that only a table names.
  func withoutDeadLinks() -> ReportDocument {
    let anchors = anchors
    var document = self
    document.facts = facts.map { Fact($0.label, $0.value.linking(to: anchors)) }
    document.sections = sections.map { $0.linking(to: anchors) }
    return document
  }
}

extension ReportDocument.Section {
  fileprivate func linking(to anchors: Set<String>) -> Self {
    Self(title, blocks.map { $0.linking(to: anchors) }, subsections: subsections.map { $0.linking(to: anchors) })
  }
}

extension ReportDocument.Block {
  fileprivate func linking(to anchors: Set<String>) -> Self {
    switch self {
    case .paragraph(let prose): return .paragraph(prose.linking(to: anchors))
    case .list(let items): return .list(items.map { $0.linking(to: anchors) })
    case .verdicts(let verdicts):
      return .verdicts(
        verdicts.map { verdict in
          var verdict = verdict
          verdict.reason = verdict.reason.linking(to: anchors)
          return verdict
        })
    case .table(var table, let caption):
      table.rows = table.rows.map { row in
        row.map { cell in cell.link.map(anchors.contains) ?? true ? cell : cell.linked(to: nil) }
      }
      return .table(table, caption: caption?.linking(to: anchors))
    case .note(let tone, let prose): return .note(tone, prose.linking(to: anchors))
    case .details(let summary, let anchor, let blocks):
      return .details(
        summary: summary.linking(to: anchors), anchor: anchor, blocks: blocks.map { $0.linking(to: anchors) })
    case .figures, .chart, .findings, .code: return self
    }
  }
}

extension Prose {
  fileprivate func linking(to anchors: Set<String>) -> Prose {
    Prose(
      spans.map { span in
        if case .link(let text, let anchor) = span, !anchors.contains(anchor) { return .text(text) }
        return span
      })
  }
}

import Findings

extension HTMLReport {
  func render(_ block: ReportDocument.Block, to html: inout HTMLOutput) {
    switch block {
    case .paragraph(let prose): html.element("p") { render(prose, to: &$0) }
    case .list(let items):
      html.element("ul") { html in
        for item in items { html.element("li") { render(item, to: &$0) } }
      }
    case .verdicts(let verdicts): render(verdicts, to: &html)
    case .figures(let figures): render(figures, to: &html)
    case .table(let table, let caption): render(table, caption: caption, to: &html)
    case .chart(let chart): render(chart, to: &html)
    case .findings(let findings):
      for finding in findings { render(finding, to: &html) }
    case .code(let code): render(code, to: &html)
    case .note(let tone, let prose):
      html.element("p", ["class": "note " + Self.toneClass(tone)]) { html in
        html.raw(HTMLIcon.markup(tone))
        html.element("span") { render(prose, to: &$0) }
      }
    case .details(let summary, let anchor, let blocks):
      html.element("details", ["id": anchor]) { html in
        html.element("summary") { render(summary, to: &$0) }
        html.element("div", ["class": "inside"]) { html in
          for block in blocks { render(block, to: &html) }
        }
      }
    }
    html.newline()
  }

  static func toneClass(_ tone: Tone) -> String {
    switch tone {
    case .plain: "plain"
    case .strong: "strong"
    case .faint: "faint"
    case .good: "good"
    case .warning: "warning"
    case .critical: "critical"
    }
  }

  private func render(_ verdicts: [Verdict], to html: inout HTMLOutput) {
    html.element("ul", ["class": "verdicts"]) { html in
      for verdict in verdicts {
        let (tone, word): (Tone, String) =
          switch verdict.state {
          case .met: (.good, "met")
          case .missed: (.critical, "missed")
          case .unknown: (.warning, "unknown")
          }
        html.element("li", ["class": "verdict " + Self.toneClass(tone)]) { html in
          html.element("p", ["class": "state"]) { html in
            html.raw(verdict.state == .unknown ? HTMLIcon.unknown : HTMLIcon.markup(tone))
            html.element("strong", text: word)
          }
          html.element("p", ["class": "target"], text: verdict.target)
          if let value = verdict.value {
            html.element("p", ["class": "value"]) { html in
              html.write(value.description)
              render(Movement(from: verdict.previous, to: value, better: .lower), to: &html)
            }
          }
          html.element("p", ["class": "reason"]) { render(verdict.reason, to: &$0) }
        }
      }
    }
  }

  private func render(_ movement: Movement?, to html: inout HTMLOutput) {
    guard let movement else { return }
    html.write(" ")
    html.element("span", ["class": "move " + Self.toneClass(movement.tone)], text: movement.text)
  }

  private func render(_ figures: [Figure], to html: inout HTMLOutput) {
    html.element("dl", ["class": "figures"]) { html in
      for figure in figures {
        html.element("div") { html in
          html.element("dt", text: figure.label)
          html.element("dd", ["class": "value"], text: figure.value.description)
          if let movement = Movement(from: figure.previous, to: figure.value, better: figure.better) {
            html.element("dd", ["class": "note"]) { html in
              html.element("span", ["class": "move " + Self.toneClass(movement.tone)], text: movement.text)
              if let previous = figure.previous {
                html.write(" ")
                html.element("span", ["class": "from"], text: "from " + previous.description)
              }
            }
          }
          if let note = figure.note { html.element("dd", ["class": "note"], text: note) }
        }
      }
    }
  }

  func render(_ code: CodeBlock, to html: inout HTMLOutput) {
    html.element("figure", ["class": "code"]) { html in
      if let title = code.title { html.element("figcaption", text: title) }
      html.element("pre", ["tabindex": "0"]) { html in
        html.element("code", ["class": code.language], text: code.text)
      }
    }
  }
}

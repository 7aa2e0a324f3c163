import Findings

extension HTMLReport {
  /// A finding as a card: what, how much, how that is known, what to do and how to undo it.
  func render(_ finding: Finding, to html: inout HTMLOutput) {
    let words = FindingWords(finding)
    html.element("article", ["class": "finding " + Self.toneClass(words.tone), "id": words.anchor]) { html in
      html.element("header") { html in
        html.element("p", ["class": "severity"]) { html in
          html.raw(HTMLIcon.markup(words.tone))
          html.element("strong", text: words.severity)
          html.write(" · ")
          if let anchor = words.subjectAnchor, anchors.contains(anchor) {
            html.element("a", ["href": "#" + anchor], text: finding.subject.description)
          } else {
            html.write(finding.subject.description)
          }
        }
        html.element("h4", text: finding.title)
        if let gain = words.gain {
          html.element("p", ["class": "gain"]) { html in
            html.element("strong", text: gain)
            if let range = words.gainRange { html.element("span", text: range) }
          }
        }
      }
      if !finding.evidence.isEmpty {
        html.element("dl", ["class": "evidence"]) { html in
          for evidence in finding.evidence {
            html.element("div", ["class": FindingWords.isExcerpt(evidence) ? "excerpt" : nil]) { html in
              html.element("dt", text: evidence.label)
              html.element("dd") { html in
                if case .excerpt(let lines) = evidence.value {
                  html.element("pre", ["tabindex": "0"]) { html in
                    html.element("code", text: lines.joined(separator: "\n"))
                  }
                } else {
                  html.write(FindingWords.text(evidence.value))
                }
              }
            }
          }
        }
      }
      html.element("p", ["class": "remedy"], text: finding.remedy.sentence)
      if !finding.remedy.sql.isEmpty {
        render(CodeBlock(finding.remedy.sql.joined(separator: "\n"), title: "Do"), to: &html)
      }
      if !finding.remedy.rollback.isEmpty {
        render(CodeBlock(finding.remedy.rollback.joined(separator: "\n"), title: "Undo"), to: &html)
      }
      html.element("p", ["class": "small"]) { html in
        if !finding.remedy.risk.isEmpty {
          html.element("strong", text: "Risk: ")
          html.write(finding.remedy.risk + " ")
        }
        html.element("strong", text: words.confidence + ": ")
        html.write(finding.confidence.reason + " ")
        html.element("span", ["class": "rule"]) { html in
          html.write("Rule ")
          html.element("code", text: finding.rule.name)
          html.write(", id ")
          html.element("code", text: finding.id)
        }
      }
    }
  }
}

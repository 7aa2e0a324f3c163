internal import Model

/// A document as one HTML file that needs nothing else: no network, no fonts, no images; styles, charts and the little
/// script are inside, and a content security policy admits only those.
///
/// Everything can be read without the script, which adds sorting, copy buttons and opening all details for print.
public struct HTMLReport: Sendable {
  public let document: ReportDocument
  let anchors: Set<String>

  /// Links that would lead nowhere become plain words.
  public init(_ document: ReportDocument) {
    self.document = document.withoutDeadLinks()
    anchors = document.anchors
  }

  public func rendered() -> String {
    var html = HTMLOutput()
    html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"\(Self.policy)\">\n")
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
    html.element("title", text: document.title + " – " + document.subtitle)
    html.raw("\n<style>\(HTMLStyle.sheet)</style>\n</head>\n<body>\n\(HTMLIcon.definitions)\n")
    html.raw("<a class=\"skip\" href=\"#report\">Skip to the report</a>\n<div class=\"page\">\n")
    renderContents(to: &html)
    html.raw("<main id=\"report\">\n")
    renderHead(to: &html)
    for section in document.sections { render(section, level: 2, to: &html) }
    html.raw("</main>\n</div>\n<script>\(HTMLScript.source)</script>\n</body>\n</html>\n")
    return html.text
  }

  private static let policy =
    "default-src 'none'; style-src 'sha256-\(SHA256.base64(HTMLStyle.sheet))'; "
    + "script-src 'sha256-\(SHA256.base64(HTMLScript.source))'; base-uri 'none'; form-action 'none'"

  private func renderHead(to html: inout HTMLOutput) {
    html.element("header") { html in
      html.element("h1", text: document.title)
      html.element("p", ["class": "subtitle"], text: document.subtitle)
      guard !document.facts.isEmpty else { return }
      html.element("dl", ["class": "facts"]) { html in
        for fact in document.facts {
          html.element("div") { html in
            html.element("dt", text: fact.label)
            html.element("dd") { render(fact.value, to: &$0) }
          }
        }
      }
    }
    html.newline()
  }

  private func renderContents(to html: inout HTMLOutput) {
    html.element("nav", ["class": "contents", "aria-label": "Contents"]) { html in
      html.element("ol") { html in
        for section in document.sections {
          html.element("li") { html in
            html.element("a", ["href": "#" + section.anchor], text: section.title)
          }
        }
      }
    }
    html.newline()
  }

  private func render(_ section: ReportDocument.Section, level: Int, to html: inout HTMLOutput) {
    html.element("section", ["aria-labelledby": section.anchor]) { html in
      html.element("h\(min(level, 6))", ["id": section.anchor]) { html in
        html.write(section.title)
        html.element("a", ["class": "here", "href": "#" + section.anchor, "aria-hidden": "true"], text: "#")
      }
      html.newline()
      for block in section.blocks { render(block, to: &html) }
      for subsection in section.subsections { render(subsection, level: level + 1, to: &html) }
    }
    html.newline()
  }

  func render(_ prose: Prose, to html: inout HTMLOutput) {
    for span in prose.spans {
      switch span {
      case .text(let text): html.write(text)
      case .code(let text): html.element("code", text: text)
      case .strong(let text): html.element("strong", text: text)
      case .link(let text, let anchor): html.element("a", ["href": "#" + anchor], text: text)
      }
    }
  }
}

extension HTMLReport {
  /// A table that scrolls sideways where it does not fit, its first column being the rows' headers.
  func render(_ table: Table, caption: Prose?, to html: inout HTMLOutput) {
    let label = caption?.plainText ?? "Table"
    html.element("div", ["class": "scroll", "role": "region", "tabindex": "0", "aria-label": label]) { html in
      html.element("table") { html in
        if let caption { html.element("caption") { render(caption, to: &$0) } }
        html.element("thead") { html in
          html.element("tr") { html in
            for column in table.columns {
              html.element(
                "th", ["scope": "col", "class": Self.columnClass(column), "title": column.explanation],
                text: column.title)
            }
          }
        }
        html.newline()
        html.element("tbody") { html in
          for row in table.rows.indices {
            html.element("tr") { html in
              for (index, column) in table.columns.enumerated() {
                render(table.cell(row, index), in: column, isHeader: index == 0, to: &html)
              }
            }
            html.newline()
          }
        }
      }
    }
  }

  private static func columnClass(_ column: Table.Column) -> String? {
    if column.alignment == .trailing { return "n" }
    if case .flexible = column.width { return "w" }
    return nil
  }

  private func render(_ cell: Cell, in column: Table.Column, isHeader: Bool, to html: inout HTMLOutput) {
    var classes = [Self.columnClass(column)].compactMap { $0 }
    if cell.tone != .plain { classes.append(Self.toneClass(cell.tone)) }
    var raw: String?
    if case .quantity(let quantity) = cell.content { raw = JSONValue.number(quantity.value).compact }
    if case .trend(let values) = cell.content { raw = JSONValue.number(values.compactMap { $0 }.last).compact }
    html.element(
      isHeader ? "th" : "td",
      [
        "scope": isHeader ? "row" : nil, "class": classes.isEmpty ? nil : classes.joined(separator: " "),
        "data-v": raw,
      ]
    ) { html in
      // A tone is said by a mark too, for readers who do not see its colour.
      if let mark = Self.mark(cell) { html.raw(mark) }
      if let link = cell.link {
        html.element("a", ["href": "#" + link]) { renderContent(of: cell, to: &$0) }
      } else {
        renderContent(of: cell, to: &html)
      }
    }
  }

  /// The mark of a cell's tone; a change has an arrow for it.
  private static func mark(_ cell: Cell) -> String? {
    if case .quantity(let quantity) = cell.content, quantity.unit == .change {
      return cell.tone == .plain ? nil : quantity.value < 0 ? "▼ " : "▲ "
    }
    return cell.tone == .warning || cell.tone == .critical || cell.tone == .good ? HTMLIcon.markup(cell.tone) : nil
  }

  private func renderContent(of cell: Cell, to html: inout HTMLOutput) {
    switch cell.content {
    case .text(let text): html.write(text)
    case .code(let text): html.element("code", text: text)
    case .quantity(let quantity): html.write(quantity.description)
    case .trend(let values): html.raw(SVGChart.sparkline(values))
    case .nothing: html.element("span", ["class": "faint"], text: "–")
    }
  }
}

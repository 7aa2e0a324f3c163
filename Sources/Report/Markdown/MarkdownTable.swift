/// A table in Markdown, its numbers aligned to the right.
public struct MarkdownTable: Sendable {
  public var table: Table

  public init(_ table: Table) { self.table = table }

  /// The table's lines, each ended by a newline.
  public func rendered() -> String {
    var output = line(table.columns.map { Markdown.escaped($0.title) })
    output += line(table.columns.map { $0.alignment == .trailing ? "---:" : "---" })
    for row in table.rows.indices {
      output += line(table.columns.indices.map { Self.text(table.cell(row, $0)) })
    }
    return output
  }

  private func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }

  private static func text(_ cell: Cell) -> String {
    let text =
      switch cell.content {
      case .code(let code): Markdown.code(code, inTable: true)
      case .text, .quantity, .trend, .nothing: Markdown.escaped(cell.plainText)
      }
    return cell.tone == .strong || cell.tone == .critical ? "**" + text + "**" : text
  }
}

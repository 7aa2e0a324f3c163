/// A table for a terminal: columns two blanks apart under a rule, numbers to the right, fitted to a width.
public struct TextTable: Sendable {
  public var table: Table
  /// Columns of the terminal; nil for no limit.
  public var width: Int?
  /// Whether tones become ANSI colours.
  public var isColoured: Bool

  public init(_ table: Table, width: Int?, isColoured: Bool = false) {
    self.table = table
    self.width = width
    self.isColoured = isColoured
  }

  private static let gap = 2
  /// No text column is narrowed below this to make room for the others.
  private static let narrowest = 8

  /// The table's lines, each ended by a newline. Trailing blanks are left out.
  public func rendered() -> String {
    let texts = table.rows.indices.map { row in
      table.columns.indices.map { DisplayWidth.printable(table.cell(row, $0).plainText) }
    }
    let widths = fittedWidths(texts)
    var output = ""
    appendRow(table.columns.map(\.title), tones: table.columns.map { _ in .strong }, widths: widths, to: &output)
    output += widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
    for (index, row) in texts.enumerated() {
      appendRow(row, tones: table.columns.indices.map { table.cell(index, $0).tone }, widths: widths, to: &output)
    }
    return output
  }

  /// The widths of the columns: what the contents ask for, then less for the flexible columns, then for other texts.
  /// Numbers are never narrowed, so a very narrow terminal gets lines that are too long rather than wrong numbers.
  private func fittedWidths(_ texts: [[String]]) -> [Int] {
    var widths = table.columns.enumerated().map { index, column in
      max(DisplayWidth.of(column.title), texts.reduce(0) { max($0, DisplayWidth.of($1[index])) })
    }
    guard let width else { return widths }
    var excess = widths.reduce(0, +) + Self.gap * max(0, widths.count - 1) - width
    func shrink(_ candidates: [(index: Int, minimum: Int)]) {
      // The widest gives first, one column at a time, so that columns of equal need end equal.
      while excess > 0 {
        let wide = candidates.filter { widths[$0.index] > $0.minimum }
        guard let widest = wide.max(by: { widths[$0.index] < widths[$1.index] }) else { return }
        let next = wide.filter { $0.index != widest.index }.map { widths[$0.index] }.max() ?? 0
        let target = max(widest.minimum, min(widths[widest.index] - 1, next))
        let step = min(excess, widths[widest.index] - target)
        widths[widest.index] -= step
        excess -= step
      }
    }
    shrink(
      table.columns.enumerated().compactMap { index, column in
        if case .flexible(let minimum, _) = column.width { return (index, minimum) }
        return nil
      })
    shrink(
      table.columns.enumerated().compactMap { index, column in
        column.alignment == .leading ? (index, Self.narrowest) : nil
      })
    return widths
  }

  private func appendRow(_ cells: [String], tones: [Tone], widths: [Int], to output: inout String) {
    let wrapped = cells.enumerated().map { index, cell -> [String] in
      let width = widths[index]
      if DisplayWidth.of(cell) <= width { return [cell] }
      // A column that had to be narrowed without being flexible wraps too: nothing of a name is lost.
      if case .flexible(_, let lines) = table.columns[index].width {
        return TextWrap.lines(cell, width: width, limit: lines)
      }
      return TextWrap.lines(cell, width: width)
    }
    for line in 0..<(wrapped.map(\.count).max() ?? 0) {
      var text = ""
      var pendingBlanks = 0
      for (index, lines) in wrapped.enumerated() {
        let part = line < lines.count ? lines[line] : ""
        let padding = max(0, widths[index] - DisplayWidth.of(part))
        if index > 0 { pendingBlanks += Self.gap }
        if table.columns[index].alignment == .trailing { pendingBlanks += padding }
        if !part.isEmpty {
          text += String(repeating: " ", count: pendingBlanks)
          text += ANSIStyle.styled(part, tones[index], isColoured: isColoured)
          pendingBlanks = 0
        }
        if table.columns[index].alignment == .leading { pendingBlanks += padding }
        if part.isEmpty, table.columns[index].alignment == .trailing { continue }
      }
      output += text + "\n"
    }
  }
}

/// A table as comma-separated values (RFC 4180 with line feeds): a header row, then one record for each row.
///
/// Numbers are written unscaled and without a unit, so the columns' titles must name it (`total_ms`).
public struct CSVTable: Sendable {
  public var table: Table

  public init(_ table: Table) { self.table = table }

  public func rendered() -> String {
    var output = Self.record(table.columns.map(\.title))
    for row in table.rows.indices {
      output += Self.record(table.columns.indices.map { Self.text(table.cell(row, $0)) })
    }
    return output
  }

  /// One record with its line end.
  public static func record(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }

  /// One field, in double quotes where it holds a comma, a quote or a line end.
  public static func field(_ text: String) -> String {
    let special: (UInt8) -> Bool = { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard text.utf8.contains(where: special) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  private static func text(_ cell: Cell) -> String {
    switch cell.content {
    case .text(let text), .code(let text): text
    case .quantity(let quantity): JSONValue.number(quantity.value).compact
    case .trend(let values): values.map { $0.map { JSONValue.number($0).compact } ?? "" }.joined(separator: " ")
    case .nothing: ""
    }
  }
}

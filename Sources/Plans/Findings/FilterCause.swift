/// Why a filter cannot use an index on the column that it tests, as far as its text tells.
enum FilterCause: Hashable {
  case function(name: String)
  case cast(column: String, type: String)
  case leadingWildcard(column: String)
  case rowSecurity

  /// The causes in a condition's parts, each with its part.
  static func causes(in condition: String) -> [(cause: FilterCause, part: String)] {
    ExpressionText.conjuncts(condition).compactMap { part in of(part).map { ($0, part) } }
  }

  private static func of(_ part: String) -> FilterCause? {
    if isRowSecurity(part) { return .rowSecurity }
    guard let comparison = ExpressionText.comparison(part), !mentionsColumn(comparison.right) else { return nil }
    let operand = ExpressionText.operand(comparison.left)
    if ["~~", "~~*"].contains(comparison.operator),
      comparison.right.hasPrefix("'%") || comparison.right.hasPrefix("'_")
    {
      switch operand {
      case .column(let name), .cast(let name, _): return .leadingWildcard(column: name)
      default: return nil
      }
    }
    guard ["=", "<", ">", "<=", ">=", "~~"].contains(comparison.operator) else { return nil }
    switch operand {
    case .function(let name) where !isVolatileLooking(name): return .function(name: name)
    case .cast(let column, let type) where !ExpressionText.isRelabelling(type):
      return .cast(column: column, type: type)
    default: return nil
    }
  }

  /// Functions by which row-level security policies usually find their tenant; evaluated for every row unless they are
  /// wrapped in a sub-select.
  private static func isRowSecurity(_ part: String) -> Bool {
    ["current_setting(", "auth.uid(", "auth.role(", "auth.jwt("].contains { part.contains($0) }
  }

  private static func isVolatileLooking(_ name: String) -> Bool {
    ["random", "now", "clock_timestamp", "statement_timestamp", "nextval"].contains(name)
  }

  /// Whether the other side is no constant: then no index on this side's expression would serve either way.
  private static func mentionsColumn(_ text: String) -> Bool {
    switch ExpressionText.operand(text) {
    case .column(let name): !["true", "false", "null"].contains(name) && !name.hasPrefix("$")
    case .cast(let name, _): !name.hasPrefix("$")
    case .function, .other: false
    }
  }
}

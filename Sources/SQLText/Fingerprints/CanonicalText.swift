/// The text that libpg_query is asked about: the statement with a neutral constant in the place of each literal.
///
/// The masked key determines it, so statements with equal keys get equal fingerprints by construction. In a query the
/// fingerprint ignores constants anyway; in a utility statement it would not (`NOTIFY c, 'payload'`, `ALTER ROLE r
/// PASSWORD '…'`), and a shape of its own for every payload and every password would help nobody. Lists in `IN (…)`
/// and rows in `VALUES`, which the fingerprint does not count, are cut to their first elements, so a bulk insert costs
/// the parser next to nothing.
enum CanonicalText {
  static func write(_ statement: StatementPieces) -> [UInt8] {
    var out: [UInt8] = []
    for (i, piece) in statement.pieces.enumerated() where !piece.isElided {
      let token = piece.token
      if piece.space != .none { out.append(ascii(" ")) }
      switch token.kind {
      case .number:
        if statement.isFloatPrecision(i) { out += statement.spelling(token) } else { out.append(ascii("1")) }
      case .newerNumber: out.append(ascii("1"))
      case .parameter: out += "$1".utf8
      // Not empty: the constant may be the character after UESCAPE.
      case .string, .dollarString: out += token.isTerminated ? "'!'".utf8 : "'!".utf8
      case .escapeString: out += token.isTerminated ? "E''".utf8 : "E'".utf8
      case .unicodeString: out += token.isTerminated ? "U&''".utf8 : "U&'".utf8
      case .nationalString: out += token.isTerminated ? "N''".utf8 : "N'".utf8
      case .bitString: out += token.isTerminated ? "B'0'".utf8 : "B'0".utf8
      case .hexString: out += token.isTerminated ? "X'0'".utf8 : "X'0".utf8
      case .blockComment: out += "/*".utf8
      default: out += statement.spelling(token)
      }
    }
    return out
  }
}

/// The text that people see and that is stored: `$n` for every literal in the order of the text, counted on from the
/// highest parameter that the statement has (as pg_stat_statements does), comments removed, lists shown by their first
/// element, a sign taken into its number. No value remains in it, in utility statements neither.
enum NormalizedText {
  /// Longer texts are cut at a token's end.
  static let limit = 64 << 10

  /// - Parameter literal: called with each literal that is replaced, and whether a minus before it is its sign.
  static func write(
    _ statement: StatementPieces, literal: (SQLToken, _ isNegative: Bool) -> Void = { _, _ in }
  ) -> [UInt8] {
    var next = highestParameter(statement) + 1
    var out: [UInt8] = []
    // Whether the token before was the sign of this number.
    var signed = false
    // Outside of queries a name in quotes after PASSWORD is a password in the wrong quotes.
    let mayHoldPassword = statement.isWord(0, "create") || statement.isWord(0, "alter")
    let isRole = isRoleStatement(statement)
    for (i, piece) in statement.pieces.enumerated() where !piece.isElided {
      if out.count > limit {
        out += " …".utf8
        break
      }
      let token = piece.token
      defer { signed = statement.isSign(i) }
      switch signed ? .none : piece.space {
      case .none: break
      case .blank: out.append(ascii(" "))
      case .line(let indent):
        out.append(ascii("\n"))
        out += repeatElement(ascii(" "), count: indent)
      }
      if token.isLiteral {
        if token.kind == .parameter {
          out += statement.spelling(token)
        } else if token.kind == .number, statement.isFloatPrecision(i) {
          out += statement.spelling(token)
        } else {
          out += "$\(next)".utf8
          next += 1
          literal(token, signed)
        }
      } else if statement.isSign(i) {
        continue
      } else if mayHoldPassword, token.kind == .quotedIdentifier, statement.isWord(i - 1, "password") {
        out += "$\(next)".utf8
        next += 1
      } else if isRole, statement.isWord(i - 1, "password"), !statement.isWord(i, "null") {
        // A password without quotes: the server refuses it, and who knows where it ends.
        out += "$\(next) …".utf8
        break
      } else if token.kind == .blockComment || !token.isTerminated {
        out += "…".utf8
      } else {
        out += statement.text[token.start..<token.end]
      }
      if piece.precedesElision { out += " /*, ... */".utf8 }
    }
    return out
  }

  /// `CREATE ROLE`, `ALTER USER` and their like, but not `… USER MAPPING`.
  static func isRoleStatement(_ statement: StatementPieces) -> Bool {
    guard statement.isWord(0, "create") || statement.isWord(0, "alter") else { return false }
    return statement.isWord(1, "role") || statement.isWord(1, "group")
      || statement.isWord(1, "user") && !statement.isWord(2, "mapping")
  }

  static func highestParameter(_ statement: StatementPieces) -> Int {
    var highest = 0
    for piece in statement.pieces where piece.token.kind == .parameter {
      var number = 0
      for i in piece.token.start + 1..<piece.token.end {
        number = min(number * 10 + Int(statement.text[i] - ascii("0")), 65_535)
      }
      highest = max(highest, number)
    }
    return highest
  }
}

/// One token of SQL text as PostgreSQL's scanner cuts it, with white space and comments as tokens of their own so that
/// the tokens cover every byte of the text.
struct SQLToken {
  enum Kind: UInt8 {
    /// Blanks, tabs, line ends; never empty.
    case whitespace
    case lineComment, blockComment
    /// An unquoted name or key word.
    case identifier
    /// `"name"` and `U&"name"`.
    case quotedIdentifier
    /// An integer, decimal or real constant that every server release reads as one.
    case number
    /// `0x1F`, `0o17`, `0b1`, `1_000`: constants since PostgreSQL 16.
    case newerNumber
    /// `'…'`, with its continuations on later lines.
    case string
    case escapeString, unicodeString, nationalString, bitString, hexString, dollarString
    /// `$1`.
    case parameter
    /// One byte of an operator or of punctuation.
    case symbol
    /// A byte that no token starts with.
    case other
  }

  var kind: Kind
  var start: Int
  var end: Int
  /// False where the text ends inside a string, a quoted name or a comment.
  var isTerminated = true
}

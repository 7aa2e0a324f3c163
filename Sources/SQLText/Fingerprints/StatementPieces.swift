/// A statement's significant tokens, with the lists that a fingerprint does not tell apart by their length marked for
/// leaving out: the source of both the canonical and the normalized text.
struct StatementPieces {
  struct Piece {
    var token: SQLToken
    /// What stood before the token: nothing, a blank, or a line end with this many blanks after it.
    var space: Space
    /// Left out of list texts: a further literal of an IN list, or a further row of VALUES.
    var isElided = false
    /// The last kept token before an elision.
    var precedesElision = false
  }

  enum Space: Equatable {
    case none, blank
    case line(indent: Int)
  }

  let text: UnsafeBufferPointer<UInt8>
  private(set) var pieces: [Piece] = []
  /// Whether the statement has more tokens than are kept, lists not counted: what follows is not looked at.
  private(set) var isCut = false

  /// The text must outlive the value.
  /// - Parameter limit: tokens kept at most, once the further elements of lists are left out; twice as many are held
  ///   meanwhile.
  init(_ text: UnsafeBufferPointer<UInt8>, limit: Int = .max / 2) {
    self.text = text
    collect(limit)
    elideLists()
    elideRows()
  }

  private mutating func collect(_ limit: Int) {
    var lexer = SQLLexer(text)
    var space = Space.none
    // Semicolons at the end are left out.
    var pending: [Piece] = []
    while let token = lexer.next() {
      switch token.kind {
      case .whitespace:
        space = merged(space, token)
        continue
      case .lineComment:
        if space == .none { space = .blank }
        continue
      case .blockComment where token.isTerminated:
        if space == .none { space = .blank }
        continue
      default: break
      }
      let isFirst = pieces.isEmpty && pending.isEmpty
      let piece = Piece(token: token, space: isFirst ? .none : space)
      space = .none
      if token.kind == .symbol, text[token.start] == ascii(";") {
        pending.append(piece)
      } else {
        pieces += pending
        pending = []
        pieces.append(piece)
      }
      if pending.count > limit {
        isCut = true
        return
      }
      if pieces.count > 2 * limit {
        compact()
        if pieces.count > limit {
          pieces.removeLast(pieces.count - limit)
          isCut = true
          return
        }
      }
    }
  }

  /// Takes out what list texts leave out: a bulk insert of any length stays as small as its first row.
  private mutating func compact() {
    elideLists()
    elideRows()
    pieces.removeAll { $0.isElided }
  }

  private func merged(_ space: Space, _ token: SQLToken) -> Space {
    var lastLineEnd: Int?
    for i in token.start..<token.end where text[i] == ascii("\n") { lastLineEnd = i }
    if let lastLineEnd { return .line(indent: min(token.end - lastLineEnd - 1, 40)) }
    if case .line = space { return space }
    return .blank
  }

  // MARK: Lists

  /// `IN (1, 2, 3)`: runs of literals of one kind.
  private mutating func elideLists() {
    var i = 0
    while i + 2 < pieces.count {
      guard isWord(i, "in"), isSymbol(i + 1, "(") else {
        i += 1
        continue
      }
      var kept = i + 2
      var j = kept
      while j + 2 < pieces.count, pieces[j].token.isLiteral, isSymbol(j + 1, ","), pieces[j + 2].token.isLiteral {
        let next = j + 2
        if pieces[next].token.placeholderKind == pieces[kept].token.placeholderKind {
          pieces[j + 1].isElided = true
          pieces[next].isElided = true
          pieces[kept].precedesElision = true
        } else {
          kept = next
        }
        j = next
      }
      i = max(j, i + 2)
    }
  }

  /// `VALUES (1, 'a'), (2, 'b')`: rows whose masks equal that of the row before.
  private mutating func elideRows() {
    var i = 0
    while i + 1 < pieces.count {
      guard isWord(i, "values"), isSymbol(i + 1, "(") else {
        i += 1
        continue
      }
      var kept = i + 1..<rowEnd(i + 1)
      var end = kept.upperBound
      while end + 1 < pieces.count, isSymbol(end, ","), isSymbol(end + 1, "(") {
        let row = end + 1..<rowEnd(end + 1)
        if sameMask(kept, row) {
          for k in end..<row.upperBound { pieces[k].isElided = true }
          pieces[kept.upperBound - 1].precedesElision = true
        } else {
          kept = row
        }
        end = row.upperBound
      }
      i = end
    }
  }

  /// The index after the parenthesis that closes the one at `open`.
  private func rowEnd(_ open: Int) -> Int {
    var depth = 0
    for i in open..<pieces.count {
      if isSymbol(i, "(") { depth += 1 }
      if isSymbol(i, ")") {
        depth -= 1
        if depth == 0 { return i + 1 }
      }
    }
    return pieces.count
  }

  private func sameMask(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).allSatisfy { i, j in
      let (x, y) = (pieces[i].token, pieces[j].token)
      guard x.placeholderKind == y.placeholderKind, pieces[i].isElided == pieces[j].isElided else { return false }
      guard !x.isLiteral else { return true }
      return x.end - x.start == y.end - y.start
        && zip(x.start..<x.end, y.start..<y.end).allSatisfy { lower(text[$0], x.kind) == lower(text[$1], y.kind) }
    }
  }

  // MARK: Looking at tokens

  func isSymbol(_ i: Int, _ scalar: Unicode.Scalar) -> Bool {
    i < pieces.count && pieces[i].token.kind == .symbol && text[pieces[i].token.start] == ascii(scalar)
  }

  /// Whether token `i` is this key word (given in lower case).
  func isWord(_ i: Int, _ word: StaticString) -> Bool {
    guard i >= 0, i < pieces.count else { return false }
    let token = pieces[i].token
    guard token.kind == .identifier, token.end - token.start == word.utf8CodeUnitCount else { return false }
    return (0..<word.utf8CodeUnitCount).allSatisfy { lower(text[token.start + $0], .identifier) == word.utf8Start[$0] }
  }

  /// The token's bytes, an unquoted identifier's in lower case.
  func spelling(_ token: SQLToken) -> [UInt8] { (token.start..<token.end).map { lower(text[$0], token.kind) } }

  private func lower(_ byte: UInt8, _ kind: SQLToken.Kind) -> UInt8 {
    guard kind == .identifier, (ascii("A")...ascii("Z")).contains(byte) else { return byte }
    return byte | 0x20
  }

  /// Whether the number at `i` belongs to `float(n)`, where it decides the type.
  func isFloatPrecision(_ i: Int) -> Bool {
    i >= 2 && isSymbol(i - 1, "(") && isWord(i - 2, "float")
  }

  /// Whether the minus at `i` is the sign of the number after it, which the grammar makes one constant: no operand
  /// stands before it.
  func isSign(_ i: Int) -> Bool {
    guard isSymbol(i, "-"), i + 1 < pieces.count else { return false }
    switch pieces[i + 1].token.kind {
    case .number, .newerNumber: break
    default: return false
    }
    guard i > 0 else { return true }
    let before = pieces[i - 1].token
    switch before.kind {
    case .symbol: return !isSymbol(i - 1, ")") && !isSymbol(i - 1, "]")
    case .identifier: return Self.wordsBeforeOperand.contains { isWord(i - 1, $0) }
    default: return false
    }
  }

  /// Reserved words that an operand follows.
  private static let wordsBeforeOperand: [StaticString] = [
    "select", "where", "and", "or", "not", "when", "then", "else", "case", "between", "symmetric", "limit", "offset",
    "by", "having", "on", "like", "ilike", "returning", "distinct", "all", "in", "from", "to",
  ]
}

extension SQLToken {
  /// Whether the token is a constant or a parameter.
  var isLiteral: Bool {
    switch kind {
    case .number, .newerNumber, .string, .escapeString, .unicodeString, .nationalString, .bitString, .hexString,
      .dollarString, .parameter:
      true
    default: false
    }
  }

  /// The kind as a mask shows it: a dollar-quoted string looks like any other.
  var placeholderKind: Kind { kind == .dollarString ? .string : kind }
}

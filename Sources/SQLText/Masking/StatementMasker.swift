internal import Bytes

/// Turns a statement into its masked key: the statement with every literal replaced by a placeholder of its kind, white
/// space and comments reduced to one blank, unquoted identifiers in lower case.
///
/// Statements with equal keys have equal fingerprints, because the fingerprint is taken from a text that the key
/// determines (see `CanonicalText`); so the parser runs once for each key instead of once for each execution.
///
/// One masker serves one thread. A long mask is hashed piece by piece, so memory does not grow with the statement.
public struct StatementMasker: ~Copyable {
  private var buffer: UnsafeMutableBufferPointer<UInt8>
  /// Bytes of a mask that are hashed at once.
  private static let pieceLength = 32 << 10

  public init() { buffer = .allocate(capacity: 2 * StatementMasker.pieceLength) }

  deinit { buffer.deallocate() }

  /// Masks one statement.
  ///
  /// - Complexity: O(length), at several hundred megabytes a second.
  public mutating func mask(_ text: UnsafeRawBufferPointer) -> MaskedStatement {
    text.withMemoryRebound(to: UInt8.self) { mask($0) }
  }

  /// Makes the buffer hold `count` bytes, keeping the first `length`.
  private mutating func grow(to count: Int, keeping length: Int) -> UnsafeMutablePointer<UInt8> {
    let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * count)
    if let base = larger.baseAddress, let old = buffer.baseAddress { base.update(from: old, count: length) }
    buffer.deallocate()
    buffer = larger
    return larger.baseAddress ?? UnsafeMutablePointer(ByteTable.shared.lowered)
  }

  private mutating func mask(_ text: UnsafeBufferPointer<UInt8>) -> MaskedStatement {
    guard let source = text.baseAddress, var out = buffer.baseAddress else {
      return MaskedStatement(key: 0, length: 0, tags: nil)
    }
    let lowered = UnsafePointer(ByteTable.shared.lowered)
    var lexer = SQLLexer(text)
    var length = 0
    var blank = false
    var leading: Range<Int>?
    var last: Range<Int>?
    // The mask's length when the last comment was met: nothing but blanks and semicolons may follow a trailing one.
    var lengthAtLast = 0
    var lengthWithoutEnd = 0
    // What was hashed and taken out of the buffer: where a piece ends follows from the mask alone.
    var hashed: (key: UInt64, length: Int) = (0, 0)

    while let token = lexer.next() {
      switch token.kind {
      case .whitespace, .lineComment:
        blank = true
        continue
      case .blockComment:
        blank = true
        if token.isTerminated {
          let content = token.start + 2..<token.end - 2
          if length + hashed.length == 0, leading == nil { leading = content }
          last = content
          lengthAtLast = lengthWithoutEnd + hashed.length
          continue
        }
      default: break
      }
      // A blank, the token, and two bytes more at most.
      if length + (token.end - token.start) + 3 > buffer.count, length + token.maskBound > buffer.count {
        out = grow(to: length + token.maskBound, keeping: length)
      }
      if blank, length + hashed.length > 0 {
        out[length] = ascii(" ")
        length += 1
      }
      blank = false
      switch token.kind {
      case .identifier:
        var i = token.start
        while i < token.end {
          out[length] = lowered[Int(source[i])]
          length += 1
          i += 1
        }
      case .symbol:
        let byte = source[token.start]
        out[length] = byte
        length += 1
        if byte == ascii(";") { continue }
      case .quotedIdentifier:
        (out + length).update(from: source + token.start, count: token.end - token.start)
        length += token.end - token.start
        if !token.isTerminated {
          out[length] = Placeholder.unterminated
          length += 1
        }
      case .number:
        if Self.endsInFloatParenthesis(out, length) {
          // float(24) and float(53) are two types.
          (out + length).update(from: source + token.start, count: token.end - token.start)
          length += token.end - token.start
        }
        // Behind the precision too, which keeps a word that follows it without a blank apart from it.
        out[length] = Placeholder.number
        length += 1
      case .other:
        out[length] = Placeholder.stray
        out[length + 1] = source[token.start]
        length += 2
      default:
        out[length] = Placeholder.of(token.kind)
        length += 1
        if !token.isTerminated {
          out[length] = Placeholder.unterminated
          length += 1
        }
      }
      lengthWithoutEnd = length
      if length >= StatementMasker.pieceLength {
        // The next token looks back at `float (`.
        let done = length - 16
        hashed.key = ByteHash.combine(hashed.key, ByteHash.hash(UnsafeRawPointer(out), count: done, seed: 1))
        hashed.length += done
        UnsafeMutableRawPointer(out).copyMemory(from: out + done, byteCount: 16)
        length = 16
        lengthWithoutEnd = 16
      }
    }

    length = lengthWithoutEnd
    var tags: Range<Int>?
    if let last, lengthAtLast == length + hashed.length, CommenterTags.isTagList(text, last) { tags = last }
    if tags == nil, let leading, CommenterTags.isTagList(text, leading) { tags = leading }
    var key = ByteHash.hash(UnsafeRawPointer(out), count: length)
    if hashed.length > 0 { key = ByteHash.combine(hashed.key, key) }
    return MaskedStatement(key: key, length: hashed.length + length, tags: tags)
  }

  /// Whether what was written so far ends in `float(` or `float (`.
  @inline(__always)
  private static func endsInFloatParenthesis(_ out: UnsafeMutablePointer<UInt8>, _ length: Int) -> Bool {
    guard length >= 6 else { return false }
    var i = length - 1
    if out[i] == ascii(" ") { i -= 1 }
    guard out[i] == ascii("(") else { return false }
    i -= 1
    if out[i] == ascii(" ") { i -= 1 }
    guard i >= 4, out[i] == ascii("t"), out[i - 1] == ascii("a"), out[i - 2] == ascii("o") else { return false }
    guard out[i - 3] == ascii("l"), out[i - 4] == ascii("f") else { return false }
    return i == 4 || ByteTable.shared.lowered[Int(out[i - 5])] == 0
  }

  /// The mask of the last call as far as it was hashed in one piece, for tests and for looking at.
  func lastMask(_ masked: MaskedStatement) -> [UInt8] { Array(buffer[..<min(masked.length, buffer.count)]) }
}

/// What a statement was reduced to.
public struct MaskedStatement: Hashable, Sendable {
  /// A hash of the masked text.
  public var key: UInt64
  /// Bytes of the masked text; zero for a statement of blanks, comments and semicolons.
  public var length: Int
  /// Where the text holds sqlcommenter tags: the inside of its last comment if nothing follows it, else of its
  /// first if nothing precedes it. Read it with `CommenterTags`.
  public var tags: Range<Int>?

  public var isEmpty: Bool { length == 0 }
}

/// The bytes that stand for literals in a mask. Control characters cannot occur in a mask otherwise: outside of quotes
/// they are strays, and inside quotes the quotes tell them apart.
enum Placeholder {
  static let number: UInt8 = 0x01
  static let unterminated: UInt8 = 0x0E
  static let stray: UInt8 = 0x0F

  @inline(__always)
  static func of(_ kind: SQLToken.Kind) -> UInt8 {
    switch kind {
    case .string, .dollarString: 0x02
    case .parameter: 0x03
    case .escapeString: 0x04
    case .unicodeString: 0x05
    case .nationalString: 0x06
    case .bitString: 0x07
    case .hexString: 0x10
    case .newerNumber: 0x11
    case .blockComment: 0x12
    default: stray
    }
  }
}

extension SQLToken {
  /// Bytes that the token's mask has at most, with the blank before it: a literal's is a placeholder.
  fileprivate var maskBound: Int {
    switch kind {
    case .identifier, .quotedIdentifier, .number: end - start + 3
    default: 3
    }
  }
}

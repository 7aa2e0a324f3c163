/// SQL text cut into statements by its lexical rules alone: it must also do for syntax newer than any parser at hand.
///
/// Source of the rules: PostgreSQL `scan.l`, with `standard_conforming_strings` on; psql's `psqlscan.l` for the bodies
/// between BEGIN ATOMIC and END.
public enum SQLScript {
  /// A piece of text: a word, a symbol, or something in quotes.
  struct Token {
    enum Kind { case word, symbol, quoted, parameter }
    var kind: Kind
    /// In the text's UTF-8.
    var range: Range<Int>
  }

  /// The statements of a text, without their semicolons, comments around them and empty ones left out.
  public static func statements(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    var statements: [String] = []
    var start: Int?
    var end = 0
    var atomicDepth = 0
    var lastWord = ""
    func finish() {
      if let first = start { statements.append(String(decoding: bytes[first..<end], as: UTF8.self)) }
      start = nil
      atomicDepth = 0
    }
    for token in tokens(bytes) {
      if token.kind == .symbol, bytes[token.range.lowerBound] == UInt8(ascii: ";"), atomicDepth == 0 {
        finish()
        lastWord = ""
        continue
      }
      if token.kind == .word {
        let word = String(decoding: bytes[token.range], as: UTF8.self).lowercased()
        if word == "atomic", lastWord == "begin" { atomicDepth = 1 }
        if atomicDepth > 0, word == "case" { atomicDepth += 1 }
        if atomicDepth > 0, word == "end" { atomicDepth -= 1 }
        lastWord = word
      }
      if start == nil { start = token.range.lowerBound }
      end = token.range.upperBound
    }
    finish()
    return statements
  }

  /// The first words in lower case; fewer where something else than a word comes.
  static func leadingWords(of statement: String, count: Int) -> [String] {
    let bytes = Array(statement.utf8)
    return tokens(bytes).prefix(count).prefix { $0.kind == .word }.map {
      String(decoding: bytes[$0.range], as: UTF8.self).lowercased()
    }
  }

  /// The first token where it is a symbol; the empty text otherwise.
  static func firstSymbol(of statement: String) -> String {
    let bytes = Array(statement.utf8)
    guard let token = tokens(bytes).first, token.kind == .symbol else { return "" }
    return String(decoding: bytes[token.range], as: UTF8.self)
  }

  /// Every identifier as the server would read it: words in lower case, quoted ones as they are.
  static func names(in statement: String) -> Set<String> {
    let bytes = Array(statement.utf8)
    var names: Set<String> = []
    for token in tokens(bytes) {
      switch token.kind {
      case .word: names.insert(String(decoding: bytes[token.range], as: UTF8.self).lowercased())
      case .quoted where bytes[token.range.lowerBound] == UInt8(ascii: "\"") && token.range.count > 2:
        let inside = bytes[token.range.lowerBound + 1..<token.range.upperBound - 1]
        names.insert(
          String(decoding: inside, as: UTF8.self).split(separator: "\"\"", omittingEmptySubsequences: false)
            .joined(separator: "\""))
      default: break
      }
    }
    return names
  }

  /// The statement without the key word CONCURRENTLY of CREATE INDEX, DROP INDEX, REINDEX, REFRESH or DETACH, which cannot
  /// run in a transaction and changes nothing of the result.
  static func withoutConcurrently(_ statement: String) -> String {
    let bytes = Array(statement.utf8)
    guard
      let token = tokens(bytes).first(where: {
        $0.kind == .word && String(decoding: bytes[$0.range], as: UTF8.self).lowercased() == "concurrently"
      })
    else { return statement }
    return String(decoding: bytes[..<token.range.lowerBound] + bytes[token.range.upperBound...], as: UTF8.self)
  }

  static func tokens(_ bytes: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      let start = at
      switch byte {
      case UInt8(ascii: " "), 9, 10, 11, 12, 13: at += 1
      case UInt8(ascii: "'"):
        let isEscaped =
          tokens.last.map {
            $0.range.upperBound == at && $0.range.count == 1 && bytes[at - 1] | 0x20 == UInt8(ascii: "e")
          }
          ?? false
        at = endOfString(bytes, at + 1, quote: byte, escapes: isEscaped)
        tokens.append(Token(kind: .quoted, range: start..<at))
      case UInt8(ascii: "\""):
        at = endOfString(bytes, at + 1, quote: byte, escapes: false)
        tokens.append(Token(kind: .quoted, range: start..<at))
      case UInt8(ascii: "-") where at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "-"):
        while at < bytes.count, bytes[at] != 10, bytes[at] != 13 { at += 1 }
      case UInt8(ascii: "/") where at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "*"):
        at = endOfComment(bytes, at)
      case UInt8(ascii: "$"):
        var end = at + 1
        while end < bytes.count, isDigit(bytes[end]) { end += 1 }
        if end > at + 1 {
          at = end
          tokens.append(Token(kind: .parameter, range: start..<at))
        } else {
          at = endOfDollarQuote(bytes, at)
          tokens.append(Token(kind: at == start + 1 ? .symbol : .quoted, range: start..<at))
        }
      case _ where isLetter(byte):
        while at < bytes.count, isLetter(bytes[at]) || isDigit(bytes[at]) || bytes[at] == UInt8(ascii: "$") { at += 1 }
        tokens.append(Token(kind: .word, range: start..<at))
      default:
        at += 1
        tokens.append(Token(kind: .symbol, range: start..<at))
      }
    }
    return tokens
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private static func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private static func endOfString(_ bytes: [UInt8], _ start: Int, quote: UInt8, escapes: Bool) -> Int {
    var at = start
    while at < bytes.count {
      if escapes, bytes[at] == UInt8(ascii: "\\") {
        at += 2
      } else if bytes[at] == quote {
        guard at + 1 < bytes.count, bytes[at + 1] == quote else { return at + 1 }
        at += 2
      } else {
        at += 1
      }
    }
    return bytes.count
  }

  private static func endOfComment(_ bytes: [UInt8], _ start: Int) -> Int {
    var depth = 0
    var at = start
    while at + 1 < bytes.count {
      if bytes[at] == UInt8(ascii: "/"), bytes[at + 1] == UInt8(ascii: "*") {
        depth += 1
        at += 2
      } else if bytes[at] == UInt8(ascii: "*"), bytes[at + 1] == UInt8(ascii: "/") {
        depth -= 1
        at += 2
        if depth == 0 { return at }
      } else {
        at += 1
      }
    }
    return bytes.count
  }

  /// A name in a statement, with the one before its dot.
  struct Reference: Hashable {
    var qualifier: String?
    var name: String
  }

  /// The names that a statement speaks, as the server reads them; what stands before a dot only as a qualifier.
  static func references(in sql: String) -> Set<Reference> {
    let bytes = Array(sql.utf8)
    let tokens = tokens(bytes)
    func name(_ place: Int) -> String? {
      guard tokens.indices.contains(place) else { return nil }
      let text = String(decoding: bytes[tokens[place].range], as: UTF8.self)
      switch tokens[place].kind {
      case .word: return text.lowercased()
      case .quoted where text.hasPrefix("\""): return String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")
      default: return nil
      }
    }
    func isDot(_ place: Int) -> Bool {
      tokens.indices.contains(place) && tokens[place].kind == .symbol
        && bytes[tokens[place].range.lowerBound] == UInt8(ascii: ".")
    }
    var found: Set<Reference> = []
    for place in tokens.indices {
      guard let own = name(place), !isDot(place + 1) else { continue }
      found.insert(Reference(qualifier: isDot(place - 1) ? name(place - 2) : nil, name: own))
    }
    return found
  }

  /// What stands between dollar signs, as the bodies of functions do.
  static func dollarQuoted(in sql: String) -> [String] {
    let bytes = Array(sql.utf8)
    return tokens(bytes).compactMap { token in
      guard token.kind == .quoted, bytes[token.range.lowerBound] == UInt8(ascii: "$") else { return nil }
      let parts = String(decoding: bytes[token.range], as: UTF8.self).split(
        separator: "$", maxSplits: 2, omittingEmptySubsequences: false)
      return parts.count == 3 ? String(parts[2].dropLast(parts[1].count + 2)) : nil
    }
  }

  /// Behind `$tag$…$tag$`, or behind the single `$` where none begins.
  private static func endOfDollarQuote(_ bytes: [UInt8], _ start: Int) -> Int {
    var end = start + 1
    while end < bytes.count, isLetter(bytes[end]) || isDigit(bytes[end]) { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return start + 1 }
    let tag = bytes[start...end]
    var at = end + 1
    while at + tag.count <= bytes.count {
      if bytes[at] == UInt8(ascii: "$"), bytes[at..<at + tag.count].elementsEqual(tag) { return at + tag.count }
      at += 1
    }
    return bytes.count
  }
}

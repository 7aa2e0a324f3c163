/// Strings of a statement that are code or commands, in which a secret may stand anywhere: bodies of DO blocks, functions
/// and procedures that speak of secrets, and the command of `COPY … PROGRAM`. A body puts statements together from
/// literals, with quotes doubled as often as they are nested, so it is masked whole.
struct StatementCode {
  private enum Command { case none, code, copy, program, other }

  private let text: UnsafeBufferPointer<UInt8>
  private var command = Command.none
  private var isCreate = false
  /// A string before ended in a secret's name, so one that follows may be the secret.
  private var isBegun = false

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  /// Takes the next token; whether it must be masked.
  mutating func masks(_ token: SQLToken, isString: Bool) -> Bool {
    let bytes = text[token.start..<token.end]
    if token.kind == .symbol, bytes.first == UInt8(ascii: ";") {
      self = StatementCode(text)
      return false
    }
    guard isString else {
      if token.kind == .identifier { follow(String(decoding: bytes, as: UTF8.self).lowercased()) }
      return false
    }
    let isMasked =
      switch command {
      case .code: Self.speaksOfSecrets(UnsafeRawBufferPointer(text))
      case .program: true
      default: isBegun
      }
    isBegun = isBegun || Self.endsInName(bytes)
    return isMasked
  }

  private mutating func follow(_ word: String) {
    switch command {
    case .none:
      command = word == "do" ? .code : word == "copy" ? .copy : .other
      isCreate = word == "create"
    case .copy where word == "program": command = .program
    case .other where isCreate && ["function", "procedure"].contains(word): command = .code
    case .other where isCreate && !["or", "replace"].contains(word): isCreate = false
    default: break
    }
  }

  /// Whether a cheap look finds what such strings stand in.
  static func mayBeIn(_ text: UnsafeRawBufferPointer) -> Bool {
    let words = [Array("program".utf8), Array("function".utf8), Array("procedure".utf8)]
    for i in text.indices {
      switch text[i] | 0x20 {
      // DO and its string, a blank or a comment between.
      case UInt8(ascii: "d"):
        guard i + 2 < text.count, text[i + 1] | 0x20 == UInt8(ascii: "o") else { continue }
        if " \t\r\n'$/-".utf8.contains(text[i + 2]) { return true }
      case UInt8(ascii: "p"), UInt8(ascii: "f"):
        if words.contains(where: { begins($0, text, i) }) { return true }
      default: continue
      }
    }
    return false
  }

  private static let names = [
    "passw", "pwd", "secret", "token", "credential", "passphrase", "pass_phrase", "api_key", "apikey", "access_key",
    "accesskey", "private_key", "privatekey", "bearer",
  ].map { Array($0.utf8) }

  /// Whether a word for secrets stands in the text.
  private static func speaksOfSecrets(_ text: UnsafeRawBufferPointer) -> Bool {
    text.indices.contains { i in
      names.contains { begins($0, text, i) } || ["pw", "curl"].contains { isWord(Array($0.utf8), text, i) }
    }
  }

  /// Whether it stands alone, or between underscores.
  private static func isWord(_ word: [UInt8], _ text: UnsafeRawBufferPointer, _ at: Int) -> Bool {
    guard begins(word, text, at) else { return false }
    let end = at + word.count
    return (at == 0 || !isAlphanumeric(text[at - 1])) && (end == text.count || !isAlphanumeric(text[end]))
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...:
      true
    default: false
    }
  }

  private static func begins(_ word: [UInt8], _ text: UnsafeRawBufferPointer, _ at: Int) -> Bool {
    guard at + word.count <= text.count else { return false }
    return word.indices.allSatisfy { word[$0] == text[at + $0] || word[$0] == text[at + $0] | 0x20 }
  }

  /// Whether a string's content ends in a secret's name, with or without `=`: `'… password='`, `'… password %L'`.
  private static func endsInName(_ string: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var end = string.endIndex
    while end > string.startIndex, "'$= :%LsI\"".utf8.contains(string[end - 1]) { end -= 1 }
    return ["password", "passwd", "passphrase", "secret", "pwd", "token"].contains { name in
      end - string.startIndex >= name.utf8.count
        && string[(end - name.utf8.count)..<end].lazy.map { $0 | 0x20 }.elementsEqual(name.utf8)
    }
  }
}

/// The values in a statement's text: taken out of it, or masked where they are secrets.
public enum StatementValues {
  /// The text with `$n` for every literal, as `StatementText.normalized` has it, and the literals' values in the order of
  /// their numbers.
  public struct Split: Sendable, Equatable {
    public var text: String
    /// The highest parameter that the statement has itself; the literals count on from there.
    public var parameters: Int
    /// What the literals say: a string without its quotes, a number with its sign.
    public var literals: [String]
  }

  public static func split(_ text: UnsafeRawBufferPointer) -> Split {
    text.withMemoryRebound(to: UInt8.self) { bytes in
      let pieces = StatementPieces(bytes)
      var literals: [String] = []
      let written = NormalizedText.write(pieces) { token, isNegative in
        literals.append((isNegative ? "-" : "") + value(token, in: bytes))
      }
      return Split(
        text: String(decoding: written, as: UTF8.self), parameters: NormalizedText.highestParameter(pieces),
        literals: literals)
    }
  }

  private static func value(_ token: SQLToken, in text: UnsafeBufferPointer<UInt8>) -> String {
    let bytes = text[token.start..<token.end]
    guard token.kind == .string, token.isTerminated, bytes.count >= 2 else {
      return String(decoding: bytes, as: UTF8.self)
    }
    var value: [UInt8] = []
    var i = bytes.startIndex + 1
    while i < bytes.endIndex - 1 {
      value.append(bytes[i])
      i += bytes[i] == ascii("'") ? 2 : 1
    }
    return String(decoding: value, as: UTF8.self)
  }

  // MARK: Secrets

  /// Stands where a secret stood.
  public static let mask = "***"

  /// The statement with its secrets masked: what a name like `password` is given (`ALTER ROLE r PASSWORD '…'`,
  /// `OPTIONS (password '…')`, `SET password = '…'`), and strings that are connection strings with a password in them
  /// (`CREATE SUBSCRIPTION … CONNECTION '…'`, `dblink_connect('…')`), with all that follows where only its beginning is
  /// one (`'password=' || '…'`), bodies of DO blocks and functions that speak of secrets, and the commands of
  /// `COPY … PROGRAM`. Nil where there is none.
  public static func withoutSecrets(_ text: UnsafeRawBufferPointer) -> String? { secrets(in: text).masked }

  /// The statement with its secrets masked, nil where it holds none, and the numbers of the parameters that are secrets
  /// (`SET password = $1`, `set_config('app.password', $1, false)`).
  public static func secrets(in text: UnsafeRawBufferPointer) -> (masked: String?, parameters: Set<Int>) {
    guard mayHoldSecret(text) || StatementCode.mayBeIn(text) else { return (nil, []) }
    return text.withMemoryRebound(to: UInt8.self) { bytes in
      let pieces = StatementPieces(bytes).pieces
      var out: [UInt8] = []
      var position = bytes.startIndex
      var code = StatementCode(bytes)
      // Whether the next token is what a secret's name is given.
      var isAwaited = false
      var isFound = false
      var parameters: Set<Int> = []
      var setting = SettingCall()
      // A role's password without quotes, or in the wrong ones: nothing that follows it is safe.
      let isRole = NormalizedText.isRoleStatement(StatementPieces(bytes))
      for piece in pieces {
        let token = piece.token
        let content = bytes[token.start..<token.end]
        let isString =
          token.isLiteral && token.kind != .number && token.kind != .newerNumber && token.kind != .parameter
        let isQuoted = isString || token.kind == .quotedIdentifier
        let isBare = isRole && isAwaited && !isQuoted && !lowered(content).elementsEqual("null".utf8)
        if setting.gives(token, content) { isAwaited = true }
        if isAwaited, token.kind == .parameter, let number = Int(String(decoding: content.dropFirst(), as: UTF8.self)) {
          parameters.insert(number)
        }
        let isCode = code.masks(token, isString: isString)
        if isAwaited && isQuoted || isCode
          || isString && holdsSecret(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: content))) || isBare
        {
          out += bytes[position..<token.start]
          out += "'\(mask)'".utf8
          isFound = true
          position = token.end
          if isBare || !token.isTerminated { position = bytes.endIndex }
          isAwaited = false
          if position == bytes.endIndex { break }
          continue
        }
        switch token.kind {
        case .identifier, .quotedIdentifier: isAwaited = isSecretName(content)
        // `password = '…'`, `password := '…'`, `password => '…'`, `(password) VALUES` is none.
        case .symbol where isAwaited:
          isAwaited = [ascii("="), ascii(":"), ascii(">")].contains(bytes[token.start])
        default: isAwaited = false
        }
      }
      guard isFound else { return (nil, parameters) }
      out += bytes[position...]
      return (String(decoding: out, as: UTF8.self), parameters)
    }
  }

  /// Follows `set_config('app.password', …`, where a string names what is given a secret.
  private struct SettingCall {
    private enum Place { case outside, function, name, comma }
    private var place = Place.outside

    /// Whether a token is what a secret's name is given.
    mutating func gives(_ token: SQLToken, _ content: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
      switch (place, token.kind) {
      case (_, .identifier) where lowered(content).elementsEqual("set_config".utf8): place = .function
      case (.function, .symbol) where content.elementsEqual("(".utf8): return false
      case (.function, .string):
        let isSecret = token.isTerminated && content.count >= 2 && isSecretName(content.dropFirst().dropLast())
        place = isSecret ? .name : .outside
      case (.name, .symbol) where content.elementsEqual(",".utf8): place = .comma
      case (.comma, _):
        place = .outside
        return true
      case (.name, .symbol), (.name, .identifier): return false
      default: place = .outside
      }
      return false
    }
  }

  /// Whether a text speaks of passwords at all.
  public static func mentionsPassword(_ text: UnsafeRawBufferPointer) -> Bool {
    text.indices.contains { isSecretName(text, $0) }
  }

  /// Any other text (a message, a plan, a parameter's value) with its secrets masked.
  public static func withoutSecrets(_ text: String) -> String {
    var text = text
    let bytes = text.withUTF8 { Array($0) }
    guard bytes.withUnsafeBytes({ mayHoldSecret($0) }) else { return text }
    var out: [UInt8] = []
    var i = 0
    while i < bytes.count {
      if let end = nameEnd(bytes, i) {
        out += bytes[i..<end]
        i = end
        let start = valueStart(bytes, i)
        guard let start else { continue }
        out += bytes[i..<start]
        out += mask.utf8
        i = valueEnd(bytes, start)
      } else if bytes[i...].starts(with: "://".utf8), let end = userinfoEnd(bytes, i + 3) {
        out += "://\(mask)".utf8
        i = end
      } else {
        out.append(bytes[i])
        i += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  // MARK: Looking at bytes

  private static let names = ["password", "passwd", "passphrase", "secret", "pwd"].map { Array($0.utf8) }

  /// Whether a cheap look finds a secret's name or a URI.
  private static func mayHoldSecret(_ text: UnsafeRawBufferPointer) -> Bool {
    for i in text.indices {
      if text[i] == UInt8(ascii: ":") {
        if i + 2 < text.count, text[i + 1] == UInt8(ascii: "/"), text[i + 2] == UInt8(ascii: "/") { return true }
      } else if isSecretName(text, i) {
        return true
      }
    }
    return false
  }

  /// Whether one of the names begins here. Of nearly every place one byte or two tell that none does; this is asked of
  /// every byte of every text that is kept.
  @inline(__always)
  private static func isSecretName(_ text: UnsafeRawBufferPointer, _ at: Int) -> Bool {
    let first = text[at] | 0x20
    guard first == UInt8(ascii: "p") || first == UInt8(ascii: "s"), at + 2 < text.count else { return false }
    let second = text[at + 1] | 0x20
    guard second == UInt8(ascii: "a") || second == UInt8(ascii: "e") || second == UInt8(ascii: "w") else {
      return false
    }
    return names.contains { matches(text, at, $0) }
  }

  private static func matches(_ text: UnsafeRawBufferPointer, _ at: Int, _ name: [UInt8]) -> Bool {
    at + name.count <= text.count && name.indices.allSatisfy { text[at + $0] | 0x20 == name[$0] }
  }

  private static func lowered(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }

  /// Names end in the word: `password`, `sslpassword`, `db_passwd`; `password_encryption` is no secret.
  private static func isSecretName(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var bytes = lowered(name)
    if bytes.first == UInt8(ascii: "\""), bytes.count >= 2 { bytes = Array(bytes[1..<bytes.count - 1]) }
    return names.contains { bytes.count >= $0.count && bytes.suffix($0.count).elementsEqual($0) }
  }

  /// Whether a string is, or holds, a connection string with a password.
  private static func holdsSecret(_ text: UnsafeRawBufferPointer) -> Bool {
    let bytes = Array(text)
    for i in bytes.indices {
      if let end = nameEnd(bytes, i), valueStart(bytes, end) != nil { return true }
      if bytes[i...].starts(with: "://".utf8), userinfoEnd(bytes, i + 3) != nil { return true }
    }
    return false
  }

  /// Where the name of a secret that begins at `i` ends.
  private static func nameEnd(_ bytes: [UInt8], _ i: Int) -> Int? {
    for name in names where i + name.count <= bytes.count {
      guard name.indices.allSatisfy({ bytes[i + $0] | 0x20 == name[$0] }) else { continue }
      return i + name.count
    }
    return nil
  }

  /// Where the value that a secret's name is given begins: behind `=`, `:` or blanks and a quote.
  private static func valueStart(_ bytes: [UInt8], _ from: Int) -> Int? {
    var i = from
    if i < bytes.count, bytes[i] == UInt8(ascii: "\"") { i += 1 }
    var isGiven = false
    while i < bytes.count {
      switch bytes[i] {
      case UInt8(ascii: "="), UInt8(ascii: ":"): isGiven = true
      case 0x20, 0x09, 0x0A: break
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return i
      default: return isGiven ? i : nil
      }
      i += 1
    }
    return nil
  }

  private static func valueEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    let quote = bytes[start]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      return bytes[start...].firstIndex { [0x20, 0x09, 0x0A, 0x27, 0x22, 0x2C, 0x29, 0x26].contains($0) } ?? bytes.count
    }
    var i = start + 1
    while i < bytes.count {
      if bytes[i] == UInt8(ascii: "\\") {
        i += 2
      } else if bytes[i] == quote {
        guard i + 1 < bytes.count, bytes[i + 1] == quote else { return i + 1 }
        i += 2
      } else {
        i += 1
      }
    }
    return bytes.count
  }

  /// `user:password@` behind `://`: where it ends, before the `@`.
  private static func userinfoEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
    var hasColon = false
    for i in start..<bytes.count {
      switch bytes[i] {
      case UInt8(ascii: "@"): return hasColon ? i : nil
      case UInt8(ascii: ":"): hasColon = true
      case 0x20, 0x09, 0x0A, UInt8(ascii: "/"), UInt8(ascii: "'"), UInt8(ascii: "\""): return nil
      default: continue
      }
    }
    return nil
  }
}

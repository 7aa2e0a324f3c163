/// Takes out of plans the values that the tool put in the place of a statement's placeholders, so that none of the data
/// leaves with a plan. What the user wrote into the statement himself stays.
///
/// The planner rewrites values (`LIKE 'ab%'` becomes `>= 'ab'` and `< 'ac'`, a date a time), so what stays is told, not
/// what goes: a constant that is none of the user's own goes, under its placeholder's number where it is one's value.
public struct ValueMask: Sendable {
  private let own: Set<String>
  private let numbers: [String: Int]

  /// A constant whose placeholder is not known.
  private static let unknown = "…"

  /// Members of a plan that hold no expression.
  private static let plainKeys: Set<String> = [
    "Node Type", "Parent Relationship", "Strategy", "Partial Mode", "Operation", "Join Type", "Scan Direction",
    "Command",
    "Cache Mode", "Sort Method", "Relation Name", "Schema", "Alias", "Index Name", "CTE Name", "Function Name",
    "Table Function Name", "Tuplestore Name", "Subplan Name", "Custom Plan Provider", "Conflict Resolution",
    "Conflict Arbiter Indexes", "Constraint Name", "Trigger Name", "Relation",
  ]

  /// - Parameters:
  ///   - text: the statement as the user gave it.
  ///   - planned: the statement as it was planned: of a recorded execution it may hold constants.
  ///   - values: what stood for the placeholders of `planned`.
  public init(text: String, planned: String, values: [Int: String]) {
    let written = Self.pieces(text)
    let used = planned == text ? written : Self.pieces(planned)
    var own = SQLScript.names(in: text)
    for case .constant(_, let content) in written { own.insert(content) }
    var numbers: [String: Int] = [:]
    for (place, piece) in used.enumerated() {
      let counterpart: Piece? = used.count == written.count ? written[place] : nil
      switch (piece, counterpart) {
      case (.constant(_, let content), .placeholder(let number)?): numbers[content] = numbers[content] ?? number
      case (.constant(_, let content), nil) where !own.contains(content):
        numbers[content] = numbers[content] ?? place + 1
      case (.placeholder(let number), .placeholder(let shown)?):
        if let value = values[number] { numbers[value] = numbers[value] ?? shown }
      default: break
      }
    }
    for (number, value) in values.sorted(by: { $0.key < $1.key }) { numbers[value] = numbers[value] ?? number }
    self.own = own
    self.numbers = numbers
  }

  /// An EXPLAIN (FORMAT JSON) document with its expressions masked; names and figures stay.
  public func masking(document: String) -> String {
    let bytes = Array(document.utf8)
    var result: [UInt8] = []
    var key = ""
    var at = 0
    while at < bytes.count {
      guard bytes[at] == UInt8(ascii: "\"") else {
        result.append(bytes[at])
        at += 1
        continue
      }
      var end = at + 1
      while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
      end = min(end + 1, bytes.count)
      let raw = Array(bytes[at..<end])
      if end < bytes.count, bytes[end] == UInt8(ascii: ":") {
        key = String(decoding: raw.dropFirst().dropLast(), as: UTF8.self)
        result += raw
      } else if Self.plainKeys.contains(key) {
        result += raw
      } else {
        let (text, _) = PlanText.string(in: bytes, from: at + 1)
        let masked = masking(expression: text)
        result += masked == text ? raw : Array(Self.quoted(masked).utf8)
      }
      at = end
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// An expression as the server prints it.
  public func masking(expression: String) -> String {
    let bytes = Array(expression.utf8)
    var result: [UInt8] = []
    var from = 0
    for case .constant(let range, let content) in Self.pieces(expression, isPlan: true) {
      guard let shown = replacement(content) else { continue }
      result += bytes[from..<range.lowerBound] + Array(shown.utf8)
      from = range.upperBound
    }
    return String(decoding: result + bytes[from...], as: UTF8.self)
  }

  /// A message of the server's, which quotes values as it was given them.
  public func masking(message: String) -> String {
    var message = message
    for (value, number) in numbers.sorted(by: { ($0.key.utf8.count, $1.key) > ($1.key.utf8.count, $0.key) }) {
      for mark in ["\"", "'"] { message = message.replacing(mark + value + mark, with: "$\(number)") }
    }
    return message
  }

  /// What stands for a constant; nil where it stays.
  private func replacement(_ content: String) -> String? {
    if let number = number(content) { return "$\(number)" }
    if isOwn(content) { return nil }
    guard content.hasPrefix("{"), content.hasSuffix("}"), !content.contains("\"") else { return Self.unknown }
    // The elements of a list: `= ANY ('{1,2}'::integer[])`.
    let elements = content.dropFirst().dropLast().split(separator: ",").map { element in
      let element = String(element)
      return number(element).map { "$\($0)" } ?? (isOwn(element) ? element : Self.unknown)
    }
    let list = "{" + elements.joined(separator: ",") + "}"
    return list == content ? nil : "'" + list.replacing("'", with: "''") + "'"
  }

  private func number(_ content: String) -> Int? {
    numbers[content] ?? (content.hasPrefix("-") ? numbers[String(content.dropFirst())] : nil)
  }

  private func isOwn(_ content: String) -> Bool {
    func holds(_ text: String) -> Bool { own.contains(text) || own.contains(text.lowercased()) }
    if holds(content) || (content.hasPrefix("-") && holds(String(content.dropFirst()))) { return true }
    // A date that is compared with times.
    guard let space = content.firstIndex(of: " "), content[space...].hasPrefix(" 00:00:00") else { return false }
    return own.contains(String(content[..<space]))
  }

  // MARK: Reading

  private enum Piece {
    case constant(Range<Int>, String)
    case placeholder(Int)
  }

  /// Constants and placeholders in their order.
  ///
  /// - Parameter isPlan: an expression that the server printed, where numbers also count subplans and are lengths of types.
  private static func pieces(_ text: String, isPlan: Bool = false) -> [Piece] {
    let bytes = Array(text.utf8)
    let tokens = SQLScript.tokens(bytes)
    func isSymbol(_ place: Int, _ symbol: Character) -> Bool {
      tokens.indices.contains(place) && tokens[place].kind == .symbol
        && bytes[tokens[place].range.lowerBound] == symbol.asciiValue
    }
    func isDigit(_ place: Int) -> Bool {
      tokens.indices.contains(place) && tokens[place].kind == .symbol
        && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[tokens[place].range.lowerBound])
    }
    func touches(_ place: Int) -> Bool { tokens[place - 1].range.upperBound == tokens[place].range.lowerBound }
    func word(_ place: Int) -> String {
      guard tokens.indices.contains(place), tokens[place].kind == .word else { return "" }
      return String(decoding: bytes[tokens[place].range], as: UTF8.self)
    }
    var pieces: [Piece] = []
    var at = 0
    while at < tokens.count {
      let token = tokens[at]
      let first = bytes[token.range.lowerBound]
      at += 1
      switch token.kind {
      case .parameter:
        if let number = Int(String(decoding: bytes[token.range].dropFirst(), as: UTF8.self)) {
          pieces.append(.placeholder(number))
        }
      case .quoted where first != UInt8(ascii: "\""):
        var start = token.range.lowerBound
        let isEscaped = at > 1 && word(at - 2).lowercased() == "e" && touches(at - 1)
        if isEscaped { start -= 1 }
        pieces.append(.constant(start..<token.range.upperBound, content(bytes[token.range], isEscaped: isEscaped)))
      case .symbol where isDigit(at - 1) || (first == UInt8(ascii: ".") && isDigit(at) && touches(at)):
        // `a.b` is none, `.5` is one.
        let begin = at - 1
        while at < tokens.count, touches(at),
          isDigit(at) || isSymbol(at, ".") || word(at).lowercased().wholeMatch(of: /e[0-9]*/) != nil
            || ((isSymbol(at, "+") || isSymbol(at, "-")) && word(at - 1).lowercased() == "e")
        { at += 1 }
        if isPlan {
          if begin > 0, ["InitPlan", "SubPlan"].contains(word(begin - 1)) { continue }
          if isTypeLength(tokens, bytes, begin) { continue }
        }
        let range = token.range.lowerBound..<tokens[at - 1].range.upperBound
        pieces.append(.constant(range, String(decoding: bytes[range], as: UTF8.self)))
      default: break
      }
    }
    return pieces
  }

  /// Whether a number stands in the brackets of a type: `::numeric(10,2)`, `::character varying(20)`.
  private static func isTypeLength(_ tokens: [SQLScript.Token], _ bytes: [UInt8], _ place: Int) -> Bool {
    var at = place - 1
    func byte() -> UInt8 { tokens[at].kind == .symbol ? bytes[tokens[at].range.lowerBound] : 0 }
    while at >= 0, byte() == UInt8(ascii: ",") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte()) { at -= 1 }
    guard at >= 0, byte() == UInt8(ascii: "(") else { return false }
    at -= 1
    let name = at
    while at >= 0, tokens[at].kind == .word || byte() == UInt8(ascii: ".") { at -= 1 }
    return at > 0 && at < name && byte() == UInt8(ascii: ":") && tokens[at + 1].kind == .word
      && tokens[name].range.upperBound == tokens[name + 1].range.lowerBound
  }

  /// What a constant in quotes says.
  private static func content(_ quoted: ArraySlice<UInt8>, isEscaped: Bool) -> String {
    let text = String(decoding: quoted, as: UTF8.self)
    guard text.hasPrefix("'") else {
      // `$tag$…$tag$`
      let parts = text.split(separator: "$", maxSplits: 2, omittingEmptySubsequences: false)
      return parts.count == 3 ? String(parts[2].dropLast(parts[1].count + 2)) : text
    }
    let inside = String(text.dropFirst().dropLast()).replacing("''", with: "'")
    return isEscaped ? inside.replacing("\\'", with: "'").replacing("\\\\", with: "\\") : inside
  }

  /// A JSON string as the server writes it (`escape_json`).
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Reads `FORMAT XML`. Only what EXPLAIN writes: elements, text and entities; attributes, comments and declarations are
/// passed over.
struct XMLPlanParser {
  private let bytes: [UInt8]
  private var at = 0
  private static let depthLimit = 2_000

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func plans() throws(PlanError) -> [Plan] {
    guard let root = try element(depth: 0) else { throw failure("an element expected") }
    var builder = DocumentPlanBuilder()
    var plans: [Plan] = []
    // EXPLAIN wraps each plan in <Query>, auto_explain does not.
    if let plan = builder.plan(root.value) { plans.append(plan) }
    for (name, value) in root.value.members where name == "Query" {
      if let plan = builder.plan(value) { plans.append(plan) }
    }
    return plans
  }

  private func failure(_ what: String) -> PlanError {
    let line = 1 + bytes[..<min(at, bytes.count)].count { $0 == UInt8(ascii: "\n") }
    return PlanError(.malformed(what), line: line, byte: at)
  }

  private func starts(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { bytes.count - at >= $0.count && bytes[at..<(at + $0.count)].elementsEqual($0) }
  }

  private mutating func skip(past end: StaticString) throws(PlanError) {
    while at < bytes.count {
      if starts(end) {
        at += end.utf8CodeUnitCount
        return
      }
      at += 1
    }
    throw failure("the text ends inside a declaration or comment")
  }

  /// The next element, or nil where an end tag or the end of the text comes first.
  private mutating func element(depth: Int) throws(PlanError) -> (name: String, value: DocumentValue)? {
    guard depth < Self.depthLimit else { throw failure("elements are nested too deeply") }
    while at < bytes.count {
      if starts("<?") {
        try skip(past: "?>")
      } else if starts("<!--") {
        try skip(past: "-->")
      } else if starts("</") {
        return nil
      } else if bytes[at] == UInt8(ascii: "<") {
        break
      } else {
        at += 1
      }
    }
    guard at < bytes.count else { return nil }
    at += 1
    let nameStart = at
    while at < bytes.count, !Self.endsName(bytes[at]) { at += 1 }
    let name = String(decoding: bytes[nameStart..<at], as: UTF8.self)
    guard !name.isEmpty else { throw failure("an element has no name") }
    var previous: UInt8 = 0
    while at < bytes.count, bytes[at] != UInt8(ascii: ">") {
      previous = bytes[at]
      at += 1
    }
    guard at < bytes.count else { throw failure("the text ends inside the tag <\(name)>") }
    at += 1
    if previous == UInt8(ascii: "/") { return (name, .scalar("")) }

    let textStart = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "<") { at += 1 }
    let textEnd = at
    var members: [(name: String, value: DocumentValue)] = []
    while let child = try element(depth: depth + 1) { members.append(child) }
    guard starts("</") else { throw failure("the element <\(name)> is not closed") }
    at += 2
    let closeStart = at
    while at < bytes.count, !Self.endsName(bytes[at]) { at += 1 }
    guard String(decoding: bytes[closeStart..<at], as: UTF8.self) == name else {
      throw failure("the element <\(name)> is closed by another tag")
    }
    try skip(past: ">")
    if members.isEmpty { return (name, .scalar(Self.unescape(bytes[textStart..<textEnd]))) }
    return (name, .object(members))
  }

  private static func endsName(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/")
  }

  /// The five named entities and character references.
  private static func unescape(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
    var out: [UInt8] = []
    var at = bytes.startIndex
    while at < bytes.endIndex {
      guard bytes[at] == UInt8(ascii: "&"), let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
        out.append(bytes[at])
        at += 1
        continue
      }
      let name = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
      at = end + 1
      switch name {
      case "lt": out.append(UInt8(ascii: "<"))
      case "gt": out.append(UInt8(ascii: ">"))
      case "amp": out.append(UInt8(ascii: "&"))
      case "quot": out.append(UInt8(ascii: "\""))
      case "apos": out.append(UInt8(ascii: "'"))
      default:
        let digits = name.dropFirst()
        let code = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        if name.first == "#", let code, let scalar = UnicodeScalar(code) {
          out += Array(String(scalar).utf8)
        } else {
          out += Array(("&" + name + ";").utf8)
        }
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

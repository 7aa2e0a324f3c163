/// Reads `FORMAT YAML`: the block style that EXPLAIN writes, where every text is a JSON string on one line.
struct YAMLPlanParser {
  private struct Line {
    var number: Int
    var indent: Int
    var text: ArraySlice<UInt8>
  }
  private var lines: [Line] = []
  private var at = 0
  private static let depthLimit = 2_000

  init(_ bytes: [UInt8]) {
    var start = 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      number += 1
      var text = bytes[start..<end]
      while let last = text.last, last <= 0x20 { text.removeLast() }
      let indent = text.prefix { $0 == UInt8(ascii: " ") }.count
      text = text.dropFirst(indent)
      if !text.isEmpty { lines.append(Line(number: number, indent: indent, text: text)) }
      start = end + 1
    }
  }

  mutating func plans() throws(PlanError) -> [Plan] {
    guard let first = lines.first else { throw PlanError(.empty) }
    let document = try block(indent: first.indent, depth: 0)
    guard at == lines.count else { throw failure("the indentation does not fit") }
    var builder = DocumentPlanBuilder()
    if case .list(let documents) = document { return documents.compactMap { builder.plan($0) } }
    return builder.plan(document).map { [$0] } ?? []
  }

  private func failure(_ what: String) -> PlanError {
    PlanError(.malformed(what), line: at < lines.count ? lines[at].number : lines.last?.number)
  }

  private static let dash = UInt8(ascii: "-")

  private static func isItem(_ text: ArraySlice<UInt8>) -> Bool {
    text.first == dash && (text.count == 1 || text.dropFirst().first == UInt8(ascii: " "))
  }

  /// The list or group whose lines stand at `indent`.
  private mutating func block(indent: Int, depth: Int) throws(PlanError) -> DocumentValue {
    guard depth < Self.depthLimit else { throw failure("groups are nested too deeply") }
    if Self.isItem(lines[at].text) {
      var items: [DocumentValue] = []
      while at < lines.count, lines[at].indent == indent, Self.isItem(lines[at].text) {
        let dropped = lines[at].text.dropFirst().drop { $0 == UInt8(ascii: " ") }
        guard let first = dropped.first else { throw failure("an item is empty") }
        if first == UInt8(ascii: "[") {
          items.append(.list(try flow(dropped)))
          at += 1
        } else if first != UInt8(ascii: "\""), Self.split(dropped) != nil {
          // The item is a group whose first member stands behind the dash.
          lines[at].indent = indent + (lines[at].text.count - dropped.count)
          lines[at].text = dropped
          items.append(try block(indent: lines[at].indent, depth: depth + 1))
        } else {
          items.append(.scalar(Self.scalar(dropped)))
          at += 1
        }
      }
      return .list(items)
    }
    var members: [(name: String, value: DocumentValue)] = []
    while at < lines.count, lines[at].indent == indent, !Self.isItem(lines[at].text) {
      guard let (name, rest) = Self.split(lines[at].text) else { throw failure("\"key: value\" expected") }
      at += 1
      if !rest.isEmpty {
        members.append((name, .scalar(Self.scalar(rest))))
      } else if at < lines.count, lines[at].indent > indent {
        members.append((name, try block(indent: lines[at].indent, depth: depth + 1)))
      } else {
        members.append((name, .scalar("")))
      }
    }
    return .object(members)
  }

  private static func split(_ text: ArraySlice<UInt8>) -> (name: String, rest: ArraySlice<UInt8>)? {
    guard
      let colon = text.indices.first(where: {
        text[$0] == UInt8(ascii: ":") && ($0 + 1 == text.endIndex || text[$0 + 1] == UInt8(ascii: " "))
      })
    else { return nil }
    return (scalar(text[..<colon]), text[(colon + 1)...].drop { $0 == UInt8(ascii: " ") })
  }

  private static func scalar(_ text: ArraySlice<UInt8>) -> String {
    guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else {
      return String(decoding: text, as: UTF8.self)
    }
    let inner = Array(text.dropFirst().dropLast())
    return PlanJSONCursor.unescape(inner.span, 0..<inner.count)
  }

  /// `["a", "b"]`
  private func flow(_ text: ArraySlice<UInt8>) throws(PlanError) -> [DocumentValue] {
    let bytes = Array(text)
    var cursor = PlanJSONCursor()
    var items: [DocumentValue] = []
    guard try cursor.enter(UInt8(ascii: "["), UInt8(ascii: "]"), bytes.span) else { return items }
    repeat {
      items.append(.scalar(try cursor.string(bytes.span)))
    } while try cursor.goesOn(until: UInt8(ascii: "]"), bytes.span)
    return items
  }
}

/// Where a statement's placeholders stand.
public struct Placeholders: Sendable {
  public enum Place: Hashable, Sendable {
    case value
    /// Behind LIMIT, FETCH FIRST or FETCH NEXT.
    case limit
    case offset
  }

  public struct Occurrence: Sendable {
    public var number: Int
    public var place: Place
    /// In the statement's UTF-8.
    public var range: Range<Int>
    /// The type's name directly before it, as in `interval $1`: what is left of `interval '1 day'` where a server took
    /// the constants out of a statement. With a placeholder that is no SQL.
    public var typeName: Range<Int>?
  }

  /// What stands for a placeholder when the statement is planned.
  public enum Replacement: Sendable {
    /// SQL of a constant.
    case literal(String)
    /// A placeholder of this number.
    case placeholder(Int)
  }

  private static let typeNames: Set<String> = [
    "interval", "date", "timestamp", "timestamptz", "time", "timetz", "inet", "cidr", "json", "jsonb", "uuid", "bytea",
  ]

  public private(set) var occurrences: [Occurrence] = []
  private let bytes: [UInt8]

  /// The greatest number, 0 for none.
  public var count: Int { occurrences.map(\.number).max() ?? 0 }

  public init(_ sql: String) {
    bytes = Array(sql.utf8)
    var words = ("", "")
    var lastWord: Range<Int>?
    for token in SQLScript.tokens(bytes) {
      let text = String(decoding: bytes[token.range], as: UTF8.self)
      switch token.kind {
      case .parameter:
        let place: Place =
          switch words {
          case (_, "limit"), ("fetch", "first"), ("fetch", "next"): .limit
          case (_, "offset"): .offset
          default: .value
          }
        let typeName = Self.typeNames.contains(words.1) ? lastWord : nil
        occurrences.append(
          Occurrence(number: Int(text.dropFirst()) ?? 0, place: place, range: token.range, typeName: typeName))
        words = (words.1, "")
      case .word:
        words = (words.1, text.lowercased())
        lastWord = token.range
      case .symbol where text == "(":
        // `date ($1)` is a call.
        lastWord = nil
      case .symbol, .quoted: words = (words.1, "")
      }
    }
  }

  /// The statement with something else in the place of each placeholder.
  public func replacing(_ replacement: (Occurrence) -> Replacement) -> String {
    var result: [UInt8] = []
    var from = 0
    for occurrence in occurrences {
      switch replacement(occurrence) {
      case .literal(let text):
        result += bytes[from..<occurrence.range.lowerBound]
        result += Array(text.utf8)
      case .placeholder(let number):
        if let typeName = occurrence.typeName {
          result += bytes[from..<typeName.lowerBound]
          result += Array("CAST($\(number) AS \(String(decoding: bytes[typeName], as: UTF8.self)))".utf8)
        } else {
          result += bytes[from..<occurrence.range.lowerBound]
          result += Array("$\(number)".utf8)
        }
      }
      from = occurrence.range.upperBound
    }
    return String(decoding: result + bytes[from...], as: UTF8.self)
  }

  /// The statement with each list that was cut to its first element, `IN ($1 /*, ... */)`, as long as such lists are.
  public static func expandingLists(_ sql: String, to length: Int) -> String {
    let mark = " /*, ... */"
    guard sql.contains(mark) else { return sql }
    let placeholders = Placeholders(sql)
    var next = placeholders.count + 1
    let ends = Set(placeholders.occurrences.map(\.range.upperBound))
    let bytes = Array(sql.utf8)
    let markBytes = Array(mark.utf8)
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if ends.contains(at), at + markBytes.count <= bytes.count,
        bytes[at..<at + markBytes.count].elementsEqual(markBytes)
      {
        for _ in 1..<max(2, length) {
          result += Array(", $\(next)".utf8)
          next += 1
        }
        at += markBytes.count
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

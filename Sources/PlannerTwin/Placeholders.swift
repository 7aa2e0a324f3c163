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
    var range: Range<Int>
  }

  public private(set) var occurrences: [Occurrence] = []
  private let bytes: [UInt8]

  /// The greatest number, 0 for none.
  public var count: Int { occurrences.map(\.number).max() ?? 0 }

  public init(_ sql: String) {
    bytes = Array(sql.utf8)
    var words = ("", "")
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
        occurrences.append(Occurrence(number: Int(text.dropFirst()) ?? 0, place: place, range: token.range))
        words = (words.1, "")
      case .word: words = (words.1, text.lowercased())
      case .symbol where text == "(": break
      case .symbol, .quoted: words = (words.1, "")
      }
    }
  }

  /// The statement with some of its placeholders replaced by SQL.
  public func replacing(_ replacement: (Occurrence) -> String?) -> String {
    var result: [UInt8] = []
    var from = 0
    for occurrence in occurrences {
      guard let text = replacement(occurrence) else { continue }
      result += bytes[from..<occurrence.range.lowerBound]
      result += Array(text.utf8)
      from = occurrence.range.upperBound
    }
    return String(decoding: result + bytes[from...], as: UTF8.self)
  }
}

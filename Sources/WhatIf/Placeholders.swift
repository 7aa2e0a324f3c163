/// Where a statement's placeholders stand, found without a parser: it must also do for statements newer than any
/// grammar at hand.
///
/// Source of the rules: PostgreSQL `scan.l`, with `standard_conforming_strings` on.
struct Placeholders {
  enum Place: Hashable {
    case value
    /// Behind LIMIT, FETCH FIRST or FETCH NEXT.
    case limit
    case offset
  }

  struct Occurrence {
    var number: Int
    var place: Place
    /// In the statement's UTF-8.
    var range: Range<Int>
  }

  private(set) var occurrences: [Occurrence] = []
  private let bytes: [UInt8]

  /// The greatest number, 0 for none.
  var count: Int { occurrences.map(\.number).max() ?? 0 }

  init(_ sql: String) {
    bytes = Array(sql.utf8)
    var lastWords: (String, String) = ("", "")
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "'"):
        let isEscaped = lastWords.1 == "e" && at > 0 && bytes[at - 1] | 0x20 == UInt8(ascii: "e")
        at = endOfString(at + 1, quote: byte, escapes: isEscaped)
      case UInt8(ascii: "\""):
        at = endOfString(at + 1, quote: byte, escapes: false)
        lastWords = (lastWords.1, "\"")
      case UInt8(ascii: "-") where at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "-"):
        while at < bytes.count, bytes[at] != 10, bytes[at] != 13 { at += 1 }
      case UInt8(ascii: "/") where at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "*"):
        at = endOfComment(at)
      case UInt8(ascii: "$"):
        var end = at + 1
        while end < bytes.count, isDigit(bytes[end]) { end += 1 }
        if end > at + 1 {
          let number = Int(String(decoding: bytes[(at + 1)..<end], as: UTF8.self)) ?? 0
          let place: Place =
            switch lastWords {
            case (_, "limit"), ("fetch", "first"), ("fetch", "next"): .limit
            case (_, "offset"): .offset
            default: .value
            }
          occurrences.append(Occurrence(number: number, place: place, range: at..<end))
          lastWords = (lastWords.1, "$")
          at = end
        } else {
          at = endOfDollarQuote(at)
        }
      case _ where isLetter(byte):
        var end = at
        while end < bytes.count, isLetter(bytes[end]) || isDigit(bytes[end]) || bytes[end] == UInt8(ascii: "$") {
          end += 1
        }
        lastWords = (lastWords.1, String(decoding: bytes[at..<end], as: UTF8.self).lowercased())
        at = end
      case UInt8(ascii: " "), 9, 10, 11, 12, 13, UInt8(ascii: "("): at += 1
      default:
        lastWords = (lastWords.1, "")
        at += 1
      }
    }
  }

  /// The statement with some of its placeholders replaced by SQL.
  func replacing(_ replacement: (Occurrence) -> String?) -> String {
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

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private func endOfString(_ start: Int, quote: UInt8, escapes: Bool) -> Int {
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

  private func endOfComment(_ start: Int) -> Int {
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

  /// Behind `$tag$…$tag$`, or behind the single `$` where none begins.
  private func endOfDollarQuote(_ start: Int) -> Int {
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

/// The few facts that are read from an EXPLAIN (FORMAT JSON) document without parsing it whole: inside a string of the
/// document every quotation mark is escaped, so a key with its quotation marks occurs only as a key.
public struct PlanText: Sendable {
  private let bytes: [UInt8]

  public init(_ document: String) { bytes = Array(document.utf8) }

  /// The top node's `Total Cost`, in planner cost units.
  public var totalCost: Double? { firstNumber(after: "\"Total Cost\": ") }
  /// The top node's `Plan Rows`.
  public var rows: Double? { firstNumber(after: "\"Plan Rows\": ") }

  /// Every `Index Name`, sorted, without repetition.
  public var indexNames: [String] {
    let key = Array("\"Index Name\": \"".utf8)
    var names: Set<String> = []
    var from = 0
    while let start = position(of: key, from: from) {
      let (name, end) = string(from: start)
      names.insert(name)
      from = end
    }
    return names.sorted()
  }

  /// The first `Filter`, as the planner has simplified it; nil where there is none.
  public var filter: String? { position(of: Array("\"Filter\": \"".utf8), from: 0).map { string(from: $0).0 } }
  /// The top node's first `Output`, which EXPLAIN (VERBOSE) shows.
  public var output: String? { position(of: Array("\"Output\": [\"".utf8), from: 0).map { string(from: $0).0 } }

  private func firstNumber(after key: String) -> Double? {
    guard let start = position(of: Array(key.utf8), from: 0) else { return nil }
    let digits = bytes[start...].prefix {
      ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "e")
    }
    return Double(String(decoding: digits, as: UTF8.self))
  }

  /// Where the first occurrence at or behind `from` ends.
  private func position(of key: [UInt8], from: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      key.withUnsafeBufferPointer { key in
        var place = from
        while place + key.count <= bytes.count {
          if bytes[place] == key[0] {
            var length = 1
            while length < key.count, bytes[place + length] == key[length] { length += 1 }
            if length == key.count { return place + length }
          }
          place += 1
        }
        return nil
      }
    }
  }

  /// The JSON string whose first character is at `start`, and the place behind its closing mark. The server escapes
  /// quotation marks, backslashes and control characters only (`escape_json`).
  private func string(from start: Int) -> (String, Int) { Self.string(in: bytes, from: start) }

  static func string(in bytes: [UInt8], from start: Int) -> (String, Int) {
    var result: [UInt8] = []
    var place = start
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count {
        place += 1
        switch bytes[place] {
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "u"):
          let digits = bytes[min(place + 1, bytes.count)..<min(place + 5, bytes.count)]
          result.append(UInt8(truncatingIfNeeded: Int(String(decoding: digits, as: UTF8.self), radix: 16) ?? 63))
          place += 4
        default: result.append(bytes[place])
        }
      } else {
        result.append(bytes[place])
      }
      place += 1
    }
    return (String(decoding: result, as: UTF8.self), place)
  }
}

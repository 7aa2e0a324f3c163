internal import PostgresClient

/// Writes a result's rows as the JSON objects that `row_to_json` makes of them on the server, which takes the server
/// longer than finding the rows.
///
/// Source of the forms: `datum_to_json`, `composite_to_json` and `escape_json`, json.c. The session prints times in ISO
/// style and in UTC (`CaptureSettings`).
struct RowJSON: Sendable {
  /// A column whose type is not known here; the server must write the rows itself.
  struct UnknownType: Error {
    var oid: UInt32
  }

  private enum Form: Sendable {
    case number, boolean, text, time, json, numbers, texts
  }

  /// Object ids of types in pg_type.dat.
  private static let forms: [UInt32: Form] = {
    var forms: [UInt32: Form] = [16: .boolean, 114: .json, 3802: .json, 1114: .time, 1184: .time]
    // int8, int2, int4, float4, float8, numeric
    for oid: UInt32 in [20, 21, 23, 700, 701, 1700] { forms[oid] = .number }
    // int2, int4, int8, float4, float8
    for oid: UInt32 in [1005, 1007, 1016, 1021, 1022] { forms[oid] = .numbers }
    // char, name, text, bpchar, varchar
    for oid: UInt32 in [1002, 1003, 1009, 1014, 1015] { forms[oid] = .texts }
    // bytea, char, name, text, oid, tid, xid, unknown, inet, bpchar, varchar, date, interval, pg_lsn, xid8
    for oid: UInt32 in [17, 18, 19, 25, 26, 27, 28, 705, 869, 1042, 1043, 1082, 1186, 3220, 5069] {
      forms[oid] = .text
    }
    return forms
  }()

  private struct Column: Sendable {
    /// What stands before the value.
    var key: [UInt8]
    var form: Form
    /// Of which array of objects it is a member: `slots` and 1 for `slots.1.kind`.
    var element: Element?
  }

  private struct Element: Sendable, Equatable {
    var array: String
    var number: String
  }

  private let columns: [Column]
  private let start: [UInt8]

  /// A column `ARRAY.NUMBER.KEY` is a member of an object in an array. An element whose first column is NULL is left out,
  /// and an array without elements is null, as `json_agg` makes it.
  ///
  /// - Throws: `UnknownType`.
  init(_ row: RowView, section: String) throws(UnknownType) {
    var columns: [Column] = []
    for place in 0..<row.count {
      guard let form = Self.forms[row.type(place)] else { throw UnknownType(oid: row.type(place)) }
      let path = row.name(place).split(separator: ".", maxSplits: 2).map(String.init)
      let element = path.count == 3 ? Element(array: path[0], number: path[1]) : nil
      var key: [UInt8] = []
      Self.escape(Array((element == nil ? row.name(place) : path[2]).utf8)[...], into: &key)
      key.append(UInt8(ascii: ":"))
      columns.append(Column(key: key, form: form, element: element))
    }
    self.columns = columns
    start = Array("{\"section\":\"\(section)\"".utf8)
  }

  func append(_ row: RowView, to bytes: inout [UInt8]) {
    bytes += start
    var place = 0
    while place < columns.count {
      bytes.append(UInt8(ascii: ","))
      if let array = columns[place].element?.array {
        place = append(row, array, from: place, to: &bytes)
      } else {
        appendMember(row, place, to: &bytes)
        place += 1
      }
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private func appendMember(_ row: RowView, _ place: Int, to bytes: inout [UInt8]) {
    bytes += columns[place].key
    let form = columns[place].form
    let isNull = row.withBytes(place) { Self.append(Array($0)[...], form, to: &bytes) } == nil
    if isNull { bytes += Self.null }
  }

  /// The array whose first column stands at `place`.
  /// - Returns: the place behind its last column.
  private func append(_ row: RowView, _ array: String, from place: Int, to bytes: inout [UInt8]) -> Int {
    Self.escape(Array(array.utf8)[...], into: &bytes)
    bytes.append(UInt8(ascii: ":"))
    var place = place
    var isEmpty = true
    while place < columns.count, let element = columns[place].element, element.array == array {
      let end = columns[place...].firstIndex { $0.element != element } ?? columns.count
      if row.withBytes(place, { _ in true }) != nil {
        bytes.append(UInt8(ascii: isEmpty ? "[" : ","))
        isEmpty = false
        for member in place..<end {
          bytes.append(UInt8(ascii: member == place ? "{" : ","))
          appendMember(row, member, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
      }
      place = end
    }
    if isEmpty { bytes += Self.null } else { bytes.append(UInt8(ascii: "]")) }
    return place
  }

  private static let null = Array("null".utf8)

  private static func append(_ value: ArraySlice<UInt8>, _ form: Form, to bytes: inout [UInt8]) {
    switch form {
    case .number: number(value, to: &bytes)
    case .boolean: bytes += Array((value.first == UInt8(ascii: "t") ? "true" : "false").utf8)
    case .text: escape(value, into: &bytes)
    case .time: escape(time(value), into: &bytes)
    case .json: bytes += value
    case .numbers: array(value, to: &bytes) { number($0, to: &$1) }
    case .texts: array(value, to: &bytes) { escape($0, into: &$1) }
    }
  }

  /// `NaN` and the infinities are no JSON numbers, and are written as texts.
  private static func number(_ value: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value
    if let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      bytes += value
    } else {
      escape(value, into: &bytes)
    }
  }

  /// `2026-01-02 03:04:05+00` as `2026-01-02T03:04:05+00:00`.
  static func time(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var time = Array(value)
    guard let space = time.firstIndex(of: UInt8(ascii: " ")) else { return value }
    time[space] = UInt8(ascii: "T")
    if time.count > 3, time[time.count - 3] == UInt8(ascii: "+") { time += Array(":00".utf8) }
    return time[...]
  }

  /// The text form of an array (`array_out`, arrayfuncs.c): braces, quotes where they are needed, bounds in front where
  /// they do not begin at one.
  private static func array(
    _ value: ArraySlice<UInt8>, to bytes: inout [UInt8], _ element: (ArraySlice<UInt8>, inout [UInt8]) -> Void
  ) {
    var rest = value
    if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "=")) { rest = rest[(end + 1)...] }
    while let byte = rest.first {
      switch byte {
      case UInt8(ascii: "{"):
        bytes.append(UInt8(ascii: "["))
        rest.removeFirst()
      case UInt8(ascii: "}"):
        bytes.append(UInt8(ascii: "]"))
        rest.removeFirst()
      case UInt8(ascii: ","):
        bytes.append(byte)
        rest.removeFirst()
      case UInt8(ascii: "\""):
        rest.removeFirst()
        var text: [UInt8] = []
        while let next = rest.popFirst(), next != UInt8(ascii: "\"") {
          if next == UInt8(ascii: "\\") {
            if let escaped = rest.popFirst() { text.append(escaped) }
          } else {
            text.append(next)
          }
        }
        element(text[...], &bytes)
      default:
        let text = rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") }
        rest = rest.dropFirst(text.count)
        if text.elementsEqual("NULL".utf8) { bytes += null } else { element(text, &bytes) }
      }
    }
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  static func escape(_ text: ArraySlice<UInt8>, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case 0x08: bytes += [0x5C, UInt8(ascii: "b")]
      case 0x0C: bytes += [0x5C, UInt8(ascii: "f")]
      case 0x0A: bytes += [0x5C, UInt8(ascii: "n")]
      case 0x0D: bytes += [0x5C, UInt8(ascii: "r")]
      case 0x09: bytes += [0x5C, UInt8(ascii: "t")]
      case 0x22, 0x5C: bytes += [0x5C, byte]
      case 0..<0x20:
        bytes += Array("\\u00".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

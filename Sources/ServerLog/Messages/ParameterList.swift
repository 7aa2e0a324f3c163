internal import Model

/// The bind parameters in a DETAIL: `parameters: $1 = 'it''s', $2 = NULL` (`BuildParamLogString` in
/// src/backend/nodes/params.c).
enum ParameterList {
  /// The values in order; nil where the text is no such list.
  static func read(_ detail: UnsafeRawBufferPointer, _ tables: [MessageTable]) -> [ExecutionSample.Parameter]? {
    guard let p = detail.baseAddress else { return nil }
    var position = 0
    guard
      let lead = tables.lazy.flatMap(\.parameters.elements).first(where: { $0.matches(p, 0, detail.count) })
    else { return nil }
    position = lead.count
    var values: [ExecutionSample.Parameter] = []
    while position < detail.count {
      // $n = value
      guard detail[position] == UInt8(ascii: "$") else { return nil }
      position += 1
      guard integer(p, &position, detail.count) != nil, equals.matches(p, position, detail.count) else { return nil }
      position += equals.count
      if null.matches(p, position, detail.count) {
        position += null.count
        values.append(.null)
      } else {
        guard position < detail.count, detail[position] == UInt8(ascii: "'"),
          let (value, next) = quoted(detail, position + 1)
        else { return nil }
        values.append(value)
        position = next
      }
      if position == detail.count { return values }
      guard separator.matches(p, position, detail.count) else { return nil }
      position += separator.count
    }
    return values
  }

  /// `log_parameter_max_length` cuts the value and puts `...` inside the quotes; a value that ends so by itself cannot
  /// be told apart, and calling it truncated is the safe side.
  private static func quoted(
    _ bytes: UnsafeRawBufferPointer, _ start: Int
  ) -> (ExecutionSample.Parameter, Int)? {
    var value: [UInt8] = []
    var i = start
    while i < bytes.count {
      if bytes[i] == UInt8(ascii: "'") {
        if i + 1 < bytes.count, bytes[i + 1] == UInt8(ascii: "'") {
          value.append(UInt8(ascii: "'"))
          i += 2
          continue
        }
        if value.suffix(3).elementsEqual("...".utf8) {
          return (.truncated(String(decoding: value.dropLast(3), as: UTF8.self)), i + 1)
        }
        return (.text(String(decoding: value, as: UTF8.self)), i + 1)
      }
      value.append(bytes[i])
      i += 1
    }
    return nil
  }

  private static let equals = Phrase(" = ")
  private static let null = Phrase("NULL")
  private static let separator = Phrase(", ")
}

internal import Bytes
internal import Model
internal import SQLText

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
    guard let list = values(detail, &position), position == detail.count else { return nil }
    return list
  }

  /// The values in an error's CONTEXT: `unnamed portal with parameters: $1 = '5'`
  /// (`ParamsErrorCallback` in src/backend/nodes/params.c).
  static func inContext(_ context: UnsafeRawBufferPointer) -> [ExecutionSample.Parameter]? {
    guard let p = context.baseAddress, var position = firstValue.find(p, 0, context.count) else { return nil }
    return values(context, &position)
  }

  /// The arguments of `EXECUTE name (1, 'a', NULL)`; nil where one is more than a constant.
  static func ofCall(_ call: UnsafeRawBufferPointer) -> [ExecutionSample.Parameter]? {
    guard PreparedText.isExecute(call), let open = call.firstIndex(of: UInt8(ascii: "(")) else { return nil }
    var values: [ExecutionSample.Parameter] = []
    var i = open + 1
    func skipBlanks() { while i < call.count, call[i] <= 0x20 { i += 1 } }
    while i < call.count {
      skipBlanks()
      guard i < call.count else { return nil }
      if call[i] == UInt8(ascii: "'") {
        guard let (value, next) = quoted(call, i + 1) else { return nil }
        values.append(value)
        i = next
      } else {
        let start = i
        while i < call.count, call[i] > 0x20, call[i] != UInt8(ascii: ","), call[i] != UInt8(ascii: ")") { i += 1 }
        let word = String(decoding: call[start..<i], as: UTF8.self)
        if word.lowercased() == "null" {
          values.append(.null)
        } else if ["true", "false"].contains(word.lowercased()) || Double(word) != nil {
          values.append(.text(word))
        } else {
          return nil
        }
      }
      skipBlanks()
      guard i < call.count else { return nil }
      if call[i] == UInt8(ascii: ")") { return values }
      guard call[i] == UInt8(ascii: ",") else { return nil }
      i += 1
    }
    return nil
  }

  /// As the server writes them; a value that was cut ends in `…`.
  static func text(_ values: [ExecutionSample.Parameter]) -> String {
    values.enumerated().map { index, value in
      let text =
        switch value {
        case .null: "NULL"
        case .text(let text): "'\(text)'"
        case .truncated(let text): "'\(text)…'"
        case .hashed(let hash): "#\(hash)"
        }
      return "$\(index + 1) = \(text)"
    }.joined(separator: ", ")
  }

  /// `$1 = 'a', $2 = NULL` from `position` on, which is left behind the last value.
  private static func values(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> [ExecutionSample.Parameter]? {
    guard let p = bytes.baseAddress else { return nil }
    var values: [ExecutionSample.Parameter] = []
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "$") else { return nil }
      position += 1
      guard integer(p, &position, bytes.count) != nil, equals.matches(p, position, bytes.count) else { return nil }
      position += equals.count
      if null.matches(p, position, bytes.count) {
        position += null.count
        values.append(.null)
      } else {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "'"),
          let (value, next) = quoted(bytes, position + 1)
        else { return nil }
        values.append(value)
        position = next
      }
      guard separator.matches(p, position, bytes.count) else { return values }
      position += separator.count
    }
    return values.isEmpty ? nil : values
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
          return (.truncated(String(readable: Array(value.dropLast(3)))), i + 1)
        }
        return (.text(String(readable: value)), i + 1)
      }
      value.append(bytes[i])
      i += 1
    }
    return nil
  }

  private static let firstValue = Phrase("$1 = ")
  private static let equals = Phrase(" = ")
  private static let null = Phrase("NULL")
  private static let separator = Phrase(", ")
}

/// A JSON document as a tree, for documents whose shape is open. Where the shape is known and speed counts, read with
/// `JSONCursor` instead.
public indirect enum JSONTree: Hashable, Sendable {
  /// Members in the order of the document.
  case object([Member])
  case array([JSONTree])
  case string(String)
  case integer(Int64)
  /// A number that is no 64-bit integer.
  case number(Double)
  case bool(Bool)
  case null

  public struct Member: Hashable, Sendable {
    public var key: String
    public var value: JSONTree

    public init(key: String, value: JSONTree) {
      self.key = key
      self.value = value
    }
  }

  /// Parses a whole document.
  public init(parsing bytes: UnsafeRawBufferPointer, depthLimit: Int = 1_000) throws(JSONError) {
    var cursor = JSONCursor(bytes, depthLimit: depthLimit)
    self = try Self.read(&cursor)
    try cursor.expectEnd()
  }

  private static func read(_ json: inout JSONCursor) throws(JSONError) -> JSONTree {
    switch try json.peek() {
    case .object:
      try json.beginObject()
      var members: [Member] = []
      while let key = try json.nextKey() { members.append(Member(key: key, value: try read(&json))) }
      return .object(members)
    case .array:
      try json.beginArray()
      var elements: [JSONTree] = []
      while try json.nextElement() { elements.append(try read(&json)) }
      return .array(elements)
    case .string: return .string(try json.string())
    case .number:
      let text = try json.numberText()
      if let integer = Int64(text) { return .integer(integer) }
      return .number(Double(text) ?? .nan)
    case .bool: return .bool(try json.bool())
    case .null:
      guard try json.null() else { throw JSONError(reason: .expected("null"), position: json.position) }
      return .null
    }
  }

  /// The first member of this name; nil for anything but an object that has it.
  public subscript(key: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  public var elements: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }
  public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// Any number.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

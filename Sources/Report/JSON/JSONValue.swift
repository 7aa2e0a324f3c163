/// A JSON document as a value. Objects keep the order their members were given in, so the same input gives the same
/// bytes.
///
/// House rules for every document that pgassay prints: one object whose first member is `schema_version`, keys in
/// snake_case that end in their unit (`total_ms`, `size_bytes`), integers exact, and null for what is not known.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])
  /// Another program's JSON, handed on as it is; the caller vouches that it is one valid document.
  case verbatim(String)

  public struct Member: Hashable, Sendable {
    public var key: String
    public var value: JSONValue

    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The version of the documents' schema: raised when a member changes its meaning or goes away, not when one is
  /// added.
  public static let schemaVersion: Int64 = 1

  /// A document of the house: `schema_version` first, then the members.
  public static func document(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object([Member("schema_version", .integer(schemaVersion))] + members.map { Member($0.key, $0.value) })
  }

  /// A count of things, exact.
  public static func count(_ value: some BinaryInteger) -> JSONValue { .integer(Int64(clamping: value)) }
  public static func count(_ value: (some BinaryInteger)?) -> JSONValue { value.map { count($0) } ?? .null }
  /// A number without a fraction as an integer, any other with as many digits as it takes to read the same number
  /// back; null for infinities and NaN, which JSON has not.
  public static func number(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    if value == value.rounded(), abs(value) < 9_007_199_254_740_992 { return .integer(Int64(value)) }
    return .real(value)
  }
  public static func number(_ value: Double?) -> JSONValue { value.map { number($0) } ?? .null }
  public static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}

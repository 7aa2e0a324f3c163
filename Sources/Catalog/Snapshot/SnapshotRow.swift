public import Bytes

/// One line of a snapshot: a section's row, its values found by name.
public struct SnapshotRow: Hashable, Sendable {
  /// Without `section`.
  public let fields: [JSONTree.Member]
  /// Line of the file, counted from 1; 0 where the row did not come from a file.
  public let line: Int

  public init(fields: [JSONTree.Member], line: Int) {
    self.fields = fields
    self.line = line
  }

  // Two rows are the same when they say the same, wherever they stood.
  public static func == (a: SnapshotRow, b: SnapshotRow) -> Bool { a.fields == b.fields }
  public func hash(into hasher: inout Hasher) { hasher.combine(fields) }

  /// The value; nil where it is null or the row has no such key.
  public subscript(_ key: String) -> JSONTree? {
    for field in fields where field.key == key {
      if case .null = field.value { return nil }
      return field.value
    }
    return nil
  }

  public func optionalString(_ key: String) throws(SnapshotError) -> String? {
    guard let field = self[key] else { return nil }
    guard case .string(let text) = field else { throw wrong(key, "a text") }
    return text
  }
  public func string(_ key: String) throws(SnapshotError) -> String {
    guard let value = try optionalString(key) else { throw missing(key) }
    return value
  }

  /// A whole number; object ids, which the server writes as texts, are numbers too.
  public func optionalInteger(_ key: String) throws(SnapshotError) -> Int64? {
    guard let field = self[key] else { return nil }
    guard let value = field.integer ?? field.string.flatMap({ Int64($0) }) else { throw wrong(key, "a whole number") }
    return value
  }
  public func integer(_ key: String) throws(SnapshotError) -> Int64 {
    guard let value = try optionalInteger(key) else { throw missing(key) }
    return value
  }

  public func optionalDouble(_ key: String) throws(SnapshotError) -> Double? {
    guard let field = self[key] else { return nil }
    guard let value = Self.double(field) else { throw wrong(key, "a number") }
    return value
  }
  public func double(_ key: String) throws(SnapshotError) -> Double {
    guard let value = try optionalDouble(key) else { throw missing(key) }
    return value
  }

  public func optionalBool(_ key: String) throws(SnapshotError) -> Bool? {
    guard let field = self[key] else { return nil }
    guard case .bool(let value) = field else { throw wrong(key, "true or false") }
    return value
  }
  public func bool(_ key: String) throws(SnapshotError) -> Bool {
    guard let value = try optionalBool(key) else { throw missing(key) }
    return value
  }

  /// The texts of an array; none where the key is null or missing.
  public func strings(_ key: String) throws(SnapshotError) -> [String] {
    try elements(key, \.string)
  }
  public func integers(_ key: String) throws(SnapshotError) -> [Int64] {
    try elements(key, \.integer)
  }
  public func doubles(_ key: String) throws(SnapshotError) -> [Double] { try elements(key, Self.double) }

  /// The objects of an array, each as a row of its own.
  public func rows(_ key: String) throws(SnapshotError) -> [SnapshotRow] {
    let line = line
    return try elements(key) {
      if case .object(let members) = $0 { SnapshotRow(fields: members, line: line) } else { nil }
    }
  }
  public func row(_ key: String) throws(SnapshotError) -> SnapshotRow? {
    guard let field = self[key] else { return nil }
    guard case .object(let members) = field else { throw wrong(key, "an object") }
    return SnapshotRow(fields: members, line: line)
  }

  /// The value as the server's text form has it: `t` and `f` for booleans; nil for null, arrays and objects.
  public func text(_ key: String) -> String? { self[key].flatMap(Self.text) }

  /// The value's text form, as `text(_:)` gives it.
  public static func text(_ value: JSONTree) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .bool(let truth): truth ? "t" : "f"
    case .null, .array, .object: nil
    }
  }

  private func elements<T>(_ key: String, _ read: (JSONTree) -> T?) throws(SnapshotError) -> [T] {
    guard let field = self[key] else { return [] }
    guard case .array(let elements) = field else { throw wrong(key, "an array") }
    var values: [T] = []
    values.reserveCapacity(elements.count)
    for element in elements {
      guard let value = read(element) else { throw wrong(key, "an array of another kind") }
      values.append(value)
    }
    return values
  }

  /// PostgreSQL writes the infinities and NaN of a float as texts.
  private static func double(_ field: JSONTree) -> Double? {
    switch field {
    case .integer, .number: field.double
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    case .string("NaN"): .nan
    default: nil
    }
  }

  func missing(_ key: String) -> SnapshotError { .malformed(line: line, what: "\"\(key)\" is missing") }
  private func wrong(_ key: String, _ expected: String) -> SnapshotError {
    .malformed(line: line, what: "\"\(key)\" is not \(expected)")
  }
}

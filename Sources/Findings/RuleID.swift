/// The stable name of a rule, as users quote it, suppress it and look it up: `plan.sort-on-disk`, `index.duplicate`.
///
/// The part before the dot names the rule's house (`plan`, `index`, `query`, `server`, `migration`), the part after it
/// says what is wrong. An id is never reused for another meaning.
public struct RuleID: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral, Codable {
  public let name: String

  public init(_ name: String) { self.name = name }
  public init(stringLiteral value: String) { self.name = value }

  public init(from decoder: any Decoder) throws { name = try decoder.singleValueContainer().decode(String.self) }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }

  public var description: String { name }
  /// What stands before the first dot: `plan` of `plan.sort-on-disk`.
  public var house: String { String(name.prefix { $0 != "." }) }
  public static func < (a: RuleID, b: RuleID) -> Bool { a.name < b.name }
}

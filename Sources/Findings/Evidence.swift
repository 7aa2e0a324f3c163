/// One labelled thing that a finding rests on: a measured quantity, a text, or an excerpt of a plan.
public struct Evidence: Hashable, Sendable {
  /// The unit of a quantity; its raw value is the suffix in JSON keys and the word in reports.
  public enum Unit: String, Hashable, Sendable, Codable, CaseIterable {
    case milliseconds = "ms"
    case bytes
    /// Blocks of the server's block size, 8 KiB unless it was built otherwise.
    case blocks
    case rows
    /// Planner cost units.
    case cost
    /// A share between 0 and 1.
    case fraction
    /// How many times one thing is the other.
    case ratio
    case count
    case perSecond = "per_s"
    case perDay = "per_day"
    case days
  }

  public enum Value: Hashable, Sendable {
    case quantity(Double, Unit)
    /// A quantity known to lie between two bounds; rows of plans before PostgreSQL 18 are rounded, for example.
    case interval(low: Double, high: Double, Unit)
    /// One line of prose or a name.
    case text(String)
    /// Lines of a plan or of SQL, shown in a fixed-width face.
    case excerpt([String])
  }

  /// Stable and snake_case, without unit: `disk_space`, `rows_removed`.
  public var key: String
  /// For people: `Sort space on disk`.
  public var label: String
  public var value: Value
  /// Whether the value may show data of the user's tables or parameters (a literal in a filter, for example). Reports
  /// leave such evidence out unless they were asked for values.
  public var showsValues: Bool

  public init(_ key: String, _ label: String, _ value: Value, showsValues: Bool = false) {
    self.key = key
    self.label = label
    self.value = value
    self.showsValues = showsValues
  }

  public static func quantity(_ key: String, _ label: String, _ value: Double, _ unit: Unit) -> Evidence {
    Evidence(key, label, .quantity(value, unit))
  }
  public static func quantity(_ key: String, _ label: String, _ value: Int, _ unit: Unit) -> Evidence {
    Evidence(key, label, .quantity(Double(value), unit))
  }
  public static func interval(_ key: String, _ label: String, _ low: Double, _ high: Double, _ unit: Unit) -> Evidence {
    Evidence(key, label, low == high ? .quantity(low, unit) : .interval(low: low, high: high, unit))
  }
  public static func text(_ key: String, _ label: String, _ text: String, showsValues: Bool = false) -> Evidence {
    Evidence(key, label, .text(text), showsValues: showsValues)
  }
  public static func excerpt(_ key: String, _ label: String, _ lines: [String], showsValues: Bool = false) -> Evidence {
    Evidence(key, label, .excerpt(lines), showsValues: showsValues)
  }
}

extension Evidence: Codable {
  private enum CodingKeys: String, CodingKey {
    case key, label, value, low, high, unit, text, lines
    case showsValues = "shows_values"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    key = try values.decode(String.self, forKey: .key)
    label = try values.decode(String.self, forKey: .label)
    showsValues = try values.decodeIfPresent(Bool.self, forKey: .showsValues) ?? false
    if let lines = try values.decodeIfPresent([String].self, forKey: .lines) {
      value = .excerpt(lines)
    } else if let text = try values.decodeIfPresent(String.self, forKey: .text) {
      value = .text(text)
    } else {
      let unit = try values.decode(Unit.self, forKey: .unit)
      if let low = try values.decodeIfPresent(Double.self, forKey: .low) {
        value = .interval(low: low, high: try values.decode(Double.self, forKey: .high), unit)
      } else {
        value = .quantity(try values.decode(Double.self, forKey: .value), unit)
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(key, forKey: .key)
    try values.encode(label, forKey: .label)
    switch value {
    case .quantity(let number, let unit):
      try values.encode(number, forKey: .value)
      try values.encode(unit, forKey: .unit)
    case .interval(let low, let high, let unit):
      try values.encode(low, forKey: .low)
      try values.encode(high, forKey: .high)
      try values.encode(unit, forKey: .unit)
    case .text(let text): try values.encode(text, forKey: .text)
    case .excerpt(let lines): try values.encode(lines, forKey: .lines)
    }
    if showsValues { try values.encode(true, forKey: .showsValues) }
  }
}

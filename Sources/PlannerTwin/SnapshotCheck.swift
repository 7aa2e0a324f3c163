import Bytes
import Catalog

/// Looks at the values of a snapshot before anything is made of them: one that PostgreSQL cannot hold in its place was
/// written by somebody else, and a twin of it would answer with figures of nobody's database.
///
/// What a user can bring a server to hold, by manual `UPDATE` of its catalog or `pg_restore_attribute_stats`, passes.
struct SnapshotCheck {
  /// What a place may hold besides null.
  indirect enum Rule: Sendable {
    case word(Set<String>)
    case integer(ClosedRange<Int64>)
    /// A finite number.
    case number(ClosedRange<Double>)
    case list(Rule)
    /// An object, by its keys; those that are not named are not looked at.
    case object([String: Rule])
    /// A text with figures by groups of columns, as extended statistics write them.
    case groups(ClosedRange<Double>)
    /// One slot of a row of statistics.
    case slot
  }

  static func check(_ source: Snapshot) throws(SnapshotError) {
    let version = try source.headerRow.integer("server_version_num")
    guard (CatalogRanges.oldestVersion..<1_000_000).contains(version) else {
      throw fault(
        source.headerRow.line, "server_version_num",
        "is \(version), and this pgassay knows PostgreSQL \(CatalogRanges.oldestVersion / 10_000) and later")
    }
    try check(source.headerRow, by: CatalogRanges.header)
    for (section, rules) in CatalogRanges.sections {
      for row in source[section] { try check(row, by: rules) }
    }
  }

  private static func check(_ row: SnapshotRow, by rules: [String: Rule]) throws(SnapshotError) {
    for field in row.fields {
      if let rule = rules[field.key] { try check(field.value, by: rule, of: field.key, row.line) }
    }
  }

  private static func check(
    _ value: JSONTree, by rule: Rule, of key: String, _ line: Int
  ) throws(SnapshotError) {
    if case .null = value { return }
    switch rule {
    case .word(let known):
      guard let word = value.string else { throw fault(line, key, "is no text") }
      guard known.contains(word) else {
        throw fault(line, key, "is \(shown(word)), and PostgreSQL knows \(known.sorted().joined(separator: ", "))")
      }
    case .integer(let range):
      // Object ids may be texts.
      guard let number = value.integer ?? value.string.flatMap({ Int64($0) }) else {
        throw fault(line, key, "is no whole number that PostgreSQL could hold")
      }
      guard range.contains(number) else {
        throw fault(line, key, "is \(number), and PostgreSQL holds \(range.lowerBound) to \(range.upperBound) there")
      }
    case .number(let range):
      // PostgreSQL writes what is no finite number as a text.
      guard let number = value.double ?? value.string.flatMap({ Double($0) }) else {
        throw fault(line, key, "is no number")
      }
      guard range.contains(number) else {
        throw fault(
          line, key,
          "is \(number), and PostgreSQL holds \(figure(range.lowerBound)) to \(figure(range.upperBound)) there")
      }
    case .list(let rule):
      guard let elements = value.elements else { throw fault(line, key, "is no list") }
      for element in elements { try check(element, by: rule, of: key, line) }
    case .object(let rules):
      guard let members = value.members else { throw fault(line, key, "is no object") }
      try check(SnapshotRow(fields: members, line: line), by: rules)
    case .groups(let range):
      guard let text = value.string else { throw fault(line, key, "is no text") }
      for (_, figure) in ExtendedStatisticsLoader.entries(text) ?? [] {
        try check(.number(figure), by: .number(range), of: key, line)
      }
    case .slot:
      guard let members = value.members else { throw fault(line, key, "is no object") }
      let slot = SnapshotRow(fields: members, line: line)
      try check(slot, by: ["kind": .integer(1...32_767)])
      try check(slot, by: ["numbers": .list(CatalogRanges.numbers(ofKind: try slot.integer("kind")))])
    }
  }

  private static func figure(_ bound: Double) -> String {
    bound == bound.rounded() && abs(bound) < 1e15 ? String(Int64(bound)) : String(Float(bound))
  }

  /// The beginning of a text that is not what it should be.
  private static func shown(_ text: String) -> String { JSONText.string(String(text.prefix(40))) }

  private static func fault(_ line: Int, _ key: String, _ what: String) -> SnapshotError {
    .malformed(line: line, what: "\"\(key)\" \(what)")
  }
}

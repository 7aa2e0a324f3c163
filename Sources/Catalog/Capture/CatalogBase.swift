internal import Bytes

/// An earlier capture of the same database by the same role with the same queries: what of it did not change need not
/// be asked again.
struct CatalogBase: Sendable {
  /// One row as it stands in the snapshot, with the object ids that it begins with.
  struct Line: Sendable {
    var bytes: ArraySlice<UInt8>
    var first: Int64
    var second: Int64?

    func tree() -> JSONTree? { try? bytes.withUnsafeBytes { try JSONTree(parsing: $0) } }
  }

  /// Rows by section. Sections that failed, or of which rows are missing, are not among them.
  private let sections: [String: [Line]]

  /// - Parameter lines: an earlier snapshot's, without the sections that are kept elsewhere.
  /// - Returns: nil where those lines are of another server, database, role or way of asking.
  init?(lines: [UInt8], for header: SnapshotHeader) {
    guard let queries = header.queries else { return nil }
    var sections: [String: [Line]] = [:]
    var end: JSONTree?
    var isFirst = true
    var rest = lines[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(line.count + 1)
      if isFirst {
        isFirst = false
        guard let members = try? line.withUnsafeBytes({ try JSONTree(parsing: $0) }).members,
          let old = try? SnapshotHeader(SnapshotRow(fields: members, line: 1)),
          old.queries == queries, old.server == header.server, old.databaseOID == header.databaseOID,
          old.version == header.version, old.role == header.role, old.at < header.at
        else { return nil }
      } else if let (section, row) = Self.line(line) {
        sections[section, default: []].append(row)
      } else if let marker = try? line.withUnsafeBytes({ try JSONTree(parsing: $0) })["pgassay_snapshot_end"] {
        end = marker
      }
    }
    guard let counts = end?.members else { return nil }
    var whole: [String: [Line]] = [:]
    for member in counts {
      let rows = sections[member.key] ?? []
      if let count = member.value.integer, count == rows.count { whole[member.key] = rows }
    }
    // Nobody counts the rows of probes.
    whole[StatisticsQueries.extremes.name] = sections[StatisticsQueries.extremes.name] ?? []
    self.sections = whole
  }

  /// The rows of a section; nil where they cannot be relied on.
  subscript(section: String) -> [Line]? { sections[section] }

  /// Every row of a text of lines.
  static func lines(_ bytes: [UInt8]) -> [Line] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { line($0)?.row }
  }

  /// The section's name and the leading object ids of `{"section":"indexes","oid":1,"relation":2,…`.
  static func line(_ bytes: ArraySlice<UInt8>) -> (section: String, row: Line)? {
    let lead = Array("{\"section\":\"".utf8)
    guard bytes.starts(with: lead) else { return nil }
    var rest = bytes.dropFirst(lead.count)
    let name = rest.prefix { $0 != UInt8(ascii: "\"") }
    rest = rest.dropFirst(name.count + 1)
    let first = number(&rest)
    let second = first == nil ? nil : number(&rest)
    return (String(decoding: name, as: UTF8.self), Line(bytes: bytes, first: first ?? 0, second: second))
  }

  /// The whole number of the next member, as it is or as a text; nil where the next value is something else.
  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard rest.first == UInt8(ascii: ","), let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    var value = rest[(colon + 1)...]
    if value.first == UInt8(ascii: "\"") { value = value.dropFirst() }
    let digits = value.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !digits.isEmpty, let number = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
    rest = value.dropFirst(digits.count)
    if rest.first == UInt8(ascii: "\"") { rest = rest.dropFirst() }
    return number
  }
}

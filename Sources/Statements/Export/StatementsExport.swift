import Foundation
public import Model

/// pg_stat_statements as somebody exported it: CSV of psql (`\copy`, `--csv`) or pgAdmin or a console, or JSON
/// (`json_agg`, `row_to_json` line by line).
///
/// Any selection of columns in any order will do, as long as it has `queryid`, `calls` and `total_exec_time`. A column
/// `captured_at` (or `now`, `snapshot_time`, `collected_at`) tells when the rows were read; several instants in a file
/// are several snapshots. Names of databases and roles are taken from `datname` and `rolname` where there are such
/// columns.
public struct StatementsExport: Sendable {
  /// Why bytes are no export.
  public struct Problem: UserError, Equatable {
    /// From one; zero where no line is to blame.
    public var line: Int
    public var reason: String

    public init(line: Int, reason: String) {
      self.line = line
      self.reason = reason
    }

    public var sentence: String { line > 0 ? "line \(line): \(reason)" : reason }
  }

  /// One for each instant, oldest first.
  public private(set) var snapshots: [StatementsSnapshot] = []
  /// Rows that could not be read, by reason.
  public private(set) var skipped: [String: Int64] = [:]
  public private(set) var rows: Int64 = 0
  /// Whether a column told when every row was read.
  public private(set) var isTimed = true

  /// Columns that may tell when a row was read.
  private static let instants = ["captured_at", "snapshot_time", "collected_at", "sample_time", "now", "ts", "time"]

  /// Whether bytes may be an export, by their beginning: the columns' names are keys of JSON or words of a header, not
  /// part of some statement that a log holds.
  public static func isLikely(_ head: some Collection<UInt8>) -> Bool {
    let text = String(decoding: head.prefix(16_384), as: UTF8.self).lowercased()
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let names: Set<Substring>
    if start.first == "{" || start.first == "[" {
      // Every second piece between quotes is inside them.
      let pieces = start.split(separator: "\"", omittingEmptySubsequences: false)
      names = Set(pieces.enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
    } else {
      let line = start.prefix { !$0.isNewline }
      names = Set(
        line.split { [",", ";", "|", "\t"].contains($0) }.map { name in
          let inner = name.drop { " \"'".contains($0) }
          return inner.prefix { !" \"'".contains($0) }
        })
    }
    return names.contains("queryid") && names.contains("calls")
      && (names.contains("total_exec_time") || names.contains("total_time"))
  }

  /// - Parameters:
  ///   - server: whose statistics they are.
  ///   - fallback: when the rows were read, where no column says.
  public init(_ bytes: [UInt8], server: ServerIdentity, at fallback: Timestamp) throws(Problem) {
    let first = bytes.first { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }
    var groups: [Timestamp: Group] = [:]
    if first == UInt8(ascii: "[") || first == UInt8(ascii: "{") {
      for (number, object) in try JSONRows.read(bytes) {
        try add(object.map(\.key), object.map(\.value), line: number, fallback, &groups)
      }
    } else {
      var reader = DelimitedText(bytes)
      guard let header = try reader.next() else { throw Problem(line: 0, reason: "the file is empty") }
      let names = header.values.map { ($0 ?? "").lowercased() }
      let columns: StatementColumns
      do {
        columns = try StatementColumns(names)
      } catch {
        throw Problem(line: header.line, reason: error.sentence)
      }
      while let record = try reader.next() {
        try add(record.values, names, columns, line: record.line, fallback, &groups)
      }
    }
    guard rows > 0 else {
      let reasons = skipped.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: "; ")
      throw Problem(line: 0, reason: "no row could be read" + (reasons.isEmpty ? "" : " (\(reasons))"))
    }
    snapshots = groups.sorted { $0.key < $1.key }.map { at, group in
      var context = StatementsContext(extensionVersion: group.known.extensionVersion, known: group.known)
      context.isComplete = false
      context.tellsLevel = group.hasLevel
      return StatementsSnapshot(
        server: server, at: at, context: context, rows: group.rows, databases: group.databases, users: group.users)
    }
  }

  private struct Group {
    var rows: [StatementRow] = []
    var known = CounterSet()
    var hasLevel = false
    var databases: [UInt32: String] = [:]
    var users: [UInt32: String] = [:]
  }

  /// JSON objects may differ in their keys, so each brings its own columns.
  private mutating func add(
    _ names: [String], _ values: [String?], line: Int, _ fallback: Timestamp, _ groups: inout [Timestamp: Group]
  ) throws(Problem) {
    let columns: StatementColumns
    do {
      columns = try StatementColumns(names)
    } catch {
      throw Problem(line: line, reason: error.sentence)
    }
    try add(values, names, columns, line: line, fallback, &groups)
  }

  private mutating func add(
    _ values: [String?], _ names: [String], _ columns: StatementColumns, line: Int, _ fallback: Timestamp,
    _ groups: inout [Timestamp: Group]
  ) throws(Problem) {
    let row: StatementRow
    do {
      row = try columns.row(values)
    } catch {
      // Who subtracts readings has no counters at all: the other rows are as wrong.
      if case .negative = error { throw Problem(line: line, reason: error.sentence) }
      // psql's `(297 rows)` is a footer, not a row.
      if values.count == 1, let text = values[0], text.hasPrefix("("), text.hasSuffix(")") { return }
      skipped[error.sentence, default: 0] += 1
      return
    }
    rows += 1
    let at = StatementsExport.instants.lazy.compactMap { name in
      names.firstIndex(of: name).flatMap { $0 < values.count ? values[$0] : nil }.flatMap { Timestamp($0) }
    }.first
    if at == nil { isTimed = false }
    var group = groups[at ?? fallback] ?? Group()
    group.known.bits |= columns.known.bits
    group.hasLevel = group.hasLevel || columns.hasLevel
    group.rows.append(row)
    func name(_ candidates: [String]) -> String? {
      candidates.lazy.compactMap { name in
        names.firstIndex(of: name).flatMap { $0 < values.count ? values[$0] : nil }
      }.first
    }
    if let database = name(["datname", "database", "database_name"]) { group.databases[row.key.databaseID] = database }
    if let user = name(["rolname", "usename", "username", "user_name"]) { group.users[row.key.userID] = user }
    groups[at ?? fallback] = group
  }
}

extension CounterSet {
  /// The extension version whose columns these are, as far as they tell.
  var extensionVersion: String {
    if contains(.genericPlanCalls) { return "1.13" }
    if contains(.walBuffersFull) { return "1.12" }
    if contains(.jitDeformCount) { return "1.11" }
    if contains(.jitFunctions) { return "1.10" }
    return contains(.plans) || contains(.walBytes) ? "1.8" : ""
  }
}

/// Objects of a JSON document: an array, an object that holds an array, or one object a line.
enum JSONRows {
  typealias Member = (key: String, value: String?)

  static func read(_ bytes: [UInt8]) throws(StatementsExport.Problem) -> [(line: Int, members: [Member])] {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let data = Data(bytes[start...])
    if let document = try? JSONDecoder().decode(JSONScalar.self, from: data) {
      let rows = rows(document)
      guard !rows.isEmpty else {
        throw StatementsExport.Problem(line: 0, reason: "the JSON document holds no rows of pg_stat_statements")
      }
      return rows.map { (0, $0) }
    }
    var result: [(line: Int, members: [Member])] = []
    for (index, line) in bytes[start...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated()
    {
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      guard let document = try? JSONDecoder().decode(JSONScalar.self, from: Data(line)) else {
        throw StatementsExport.Problem(line: index + 1, reason: "this is no JSON object; the file may be cut off")
      }
      result += rows(document).map { (index + 1, $0) }
    }
    return result
  }

  private static func rows(_ document: JSONScalar) -> [[Member]] {
    switch document {
    case .array(let elements): return elements.flatMap { rows($0) }
    case .object(let members):
      let keys = Set(members.keys.map { $0.lowercased() })
      if keys.contains("queryid") {
        return [members.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value.text) }]
      }
      if let table = table(members) { return table }
      return members.sorted { $0.key < $1.key }.flatMap { rows($0.value) }
    case .null, .text: return []
    }
  }

  /// `{"columns": ["queryid", …], "rows": [[…], …]}`, as some consoles write it; a column may be an object with its
  /// name.
  private static func table(_ members: [String: JSONScalar]) -> [[Member]]? {
    guard case .array(let columns)? = members["columns"] ?? members["fields"],
      case .array(let rows)? = members["rows"] ?? members["data"] ?? members["values"]
    else { return nil }
    let names = columns.map { column -> String in
      if case .object(let inner) = column { return (inner["name"]?.text ?? "").lowercased() }
      return (column.text ?? "").lowercased()
    }
    guard names.contains("queryid") else { return nil }
    var result: [[Member]] = []
    for row in rows {
      guard case .array(let values) = row, values.count == names.count else { return nil }
      result.append(zip(names, values).map { ($0, $1.text) })
    }
    return result
  }
}

/// JSON with every scalar as PostgreSQL's text form of it.
enum JSONScalar: Decodable {
  case null
  case text(String)
  case array([JSONScalar])
  case object([String: JSONScalar])

  var text: String? { if case .text(let text) = self { text } else { nil } }

  init(from decoder: any Decoder) throws {
    if let members = try? decoder.container(keyedBy: Key.self) {
      var object: [String: JSONScalar] = [:]
      for key in members.allKeys { object[key.stringValue] = try members.decode(JSONScalar.self, forKey: key) }
      self = .object(object)
    } else if var elements = try? decoder.unkeyedContainer() {
      var array: [JSONScalar] = []
      while !elements.isAtEnd { array.append(try elements.decode(JSONScalar.self)) }
      self = .array(array)
    } else {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let bool = try? value.decode(Bool.self) {
        self = .text(bool ? "t" : "f")
      } else if let integer = try? value.decode(Int64.self) {
        self = .text(String(integer))
      } else if let integer = try? value.decode(UInt64.self) {
        self = .text(String(integer))
      } else if let number = try? value.decode(Double.self) {
        self = .text("\(number)")
      } else {
        self = .text(try value.decode(String.self))
      }
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

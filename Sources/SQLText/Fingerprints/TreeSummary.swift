internal import Bytes
internal import Model

/// A statement's kind and relations, skimmed from libpg_query's JSON tree without recursion, so that no depth of
/// nesting matters.
struct TreeSummary {
  private(set) var kind = StatementKind.utility
  private(set) var relations: [RelationName] = []

  init(_ tree: [UInt8]) {
    tree.withUnsafeBytes { bytes in
      kind = Self.kind(bytes)
      relations = Self.relations(bytes)
    }
  }

  private static func kind(_ tree: UnsafeRawBufferPointer) -> StatementKind {
    let kinds = Set(
      tree.offsets(of: #"{"stmt":{""#).map { start -> StatementKind in
        let name = start + 10
        func begins(_ prefix: StaticString) -> Bool { tree.matches(prefix, at: name) }
        if begins("SelectStmt\"") { return .select }
        if begins("InsertStmt\"") { return .insert }
        if begins("UpdateStmt\"") { return .update }
        if begins("DeleteStmt\"") { return .delete }
        if begins("MergeStmt\"") { return .merge }
        if begins("TransactionStmt\"") { return .transaction }
        return .utility
      })
    // Two statements in one message are no statement that EXPLAIN takes.
    let count = tree.offsets(of: #"{"stmt":{""#).count
    guard count == 1 || kinds == [.transaction] else { return count == 0 ? .unknown : .utility }
    return kinds.first ?? .unknown
  }

  private static func relations(_ tree: UnsafeRawBufferPointer) -> [RelationName] {
    // `RangeVar` is written with or without its type's name around it, but always with its fields in this order. The
    // patterns cannot match inside a string, where each quote has a backslash before it.
    let starts = [#"{"relname":""#, #"{"schemaname":""#, #"{"catalogname":""#].flatMap {
      tree.offsets(of: $0)
    }
    var found: [(location: Int64, name: RelationName)] = []
    for start in starts {
      if let entry = try? relation(UnsafeRawBufferPointer(rebasing: tree[start...])) { found.append(entry) }
    }
    let common = Set(
      tree.offsets(of: #""ctename":""#).compactMap { start -> String? in
        var cursor = JSONCursor(UnsafeRawBufferPointer(rebasing: tree[(start + 10)...]))
        return try? cursor.string()
      })
    found.sort { ($0.location, $0.name) < ($1.location, $1.name) }
    var seen: Set<RelationName> = []
    return found.map(\.name).filter {
      !($0.schema.isEmpty && common.contains($0.name)) && seen.insert($0).inserted
    }
  }

  private static func relation(_ bytes: UnsafeRawBufferPointer) throws -> (Int64, RelationName)? {
    var json = JSONCursor(bytes)
    var schema = ""
    var name: String?
    var location: Int64 = 0
    try json.beginObject()
    while let key = try json.nextKey() {
      switch key {
      case "schemaname": schema = try json.string()
      case "relname": name = try json.string()
      case "location": location = try json.integer()
      default: try json.skipValue()
      }
    }
    return name.map { (location, RelationName(schema: schema, name: $0)) }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func matches(_ pattern: StaticString, at offset: Int) -> Bool {
    let length = pattern.utf8CodeUnitCount
    guard offset + length <= count else { return false }
    for i in 0..<length where self[offset + i] != pattern.utf8Start[i] { return false }
    return true
  }

  fileprivate func offsets(of pattern: StaticString) -> [Int] {
    var found: [Int] = []
    let first = pattern.utf8Start[0]
    var i = 0
    while i + pattern.utf8CodeUnitCount <= count {
      if self[i] == first, matches(pattern, at: i) { found.append(i) }
      i += 1
    }
    return found
  }
}

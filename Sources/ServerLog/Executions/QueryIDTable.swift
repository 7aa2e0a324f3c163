internal import Bytes
internal import Model

/// The edges between the server's query ids and fingerprints that a log shows, each once.
struct QueryIDTable: ~Copyable {
  private struct Edge: Hashable {
    var queryID: QueryID
    var database: String
    var statement: Int
  }

  /// Every edge seen, by query id, database and statement.
  private var seen = HashTable(capacity: 4096)
  private var byID: [Key: Known] = [:]
  /// Query ids that the history was asked about.
  private var asked: Set<Key> = []
  private var new: [Edge] = []
  private var emitted: Set<Edge> = []

  private struct Known {
    var statement: Int
    var fingerprint: Fingerprint
  }

  private struct Key: Hashable {
    var queryID: QueryID
    var database: String
  }

  init() {}

  @inline(__always)
  mutating func add(
    _ id: QueryID, _ workload: Int, _ database: @autoclosure () -> String, _ statement: Int, _ fingerprint: Fingerprint
  ) {
    let key = ByteHash.combine(UInt64(bitPattern: id.value), UInt64(workload) << 32 | UInt64(statement))
    if seen.find(key) == nil {
      store(key, Edge(queryID: id, database: database(), statement: statement), fingerprint)
    }
  }

  private mutating func store(_ key: UInt64, _ edge: Edge, _ fingerprint: Fingerprint) {
    if seen.count > 1 << 20 {
      seen.removeAll()
      emitted.removeAll()
    }
    seen.insert(key, 1)
    if emitted.insert(edge).inserted { new.append(edge) }
    learn(edge.queryID, edge.database, edge.statement, fingerprint)
  }

  /// The statement of a query id. One id may have several (aliases, `SELECT *`): the one with the smallest fingerprint
  /// is taken, which depends neither on the order of the log nor on where a reading began.
  func statement(_ id: QueryID, _ database: String) -> Int? {
    byID[Key(queryID: id, database: database)]?.statement
  }

  mutating func learn(_ id: QueryID, _ database: String, _ statement: Int, _ fingerprint: Fingerprint) {
    let key = Key(queryID: id, database: database)
    if let known = byID[key], known.fingerprint <= fingerprint { return }
    byID[key] = Known(statement: statement, fingerprint: fingerprint)
  }

  /// Whether the history was not asked about a query id yet; it will have been then.
  mutating func asks(_ id: QueryID, _ database: String) -> Bool {
    asked.insert(Key(queryID: id, database: database)).inserted
  }

  mutating func takeNew(_ shapes: borrowing ShapeTable) -> [QueryIDEdge] {
    let edges = new.map {
      QueryIDEdge(database: $0.database, queryID: $0.queryID, fingerprint: shapes.statements[$0.statement].fingerprint)
    }
    new.removeAll()
    return edges
  }
}

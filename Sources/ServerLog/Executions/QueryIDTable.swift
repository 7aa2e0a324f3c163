internal import Bytes
internal import Model

/// The edges between the server's query ids and fingerprints that a log shows, each once.
struct QueryIDTable: ~Copyable {
  private struct Edge {
    var queryID: QueryID
    var database: String
    var statement: Int
  }

  /// Every edge seen, by query id, database and statement.
  private var seen = HashTable(capacity: 4096)
  private var byID: [Key: Int] = [:]
  private var new: [Edge] = []

  private struct Key: Hashable {
    var queryID: QueryID
    var database: String
  }

  init() {}

  @inline(__always)
  mutating func add(_ id: QueryID, _ workload: Int, _ database: @autoclosure () -> String, _ statement: Int) {
    let key = ByteHash.combine(UInt64(bitPattern: id.value), UInt64(workload) << 32 | UInt64(statement))
    if seen.find(key) == nil { store(key, Edge(queryID: id, database: database(), statement: statement)) }
  }

  private mutating func store(_ key: UInt64, _ edge: Edge) {
    if seen.count > 1 << 20 { seen.removeAll() }
    seen.insert(key, 1)
    let known = byID.updateValue(edge.statement, forKey: Key(queryID: edge.queryID, database: edge.database))
    if known != edge.statement { new.append(edge) }
  }

  /// The statement last seen under a query id.
  func statement(_ id: QueryID, _ database: String) -> Int? { byID[Key(queryID: id, database: database)] }

  /// Makes an edge known that the history holds already.
  mutating func learn(_ id: QueryID, _ database: String, _ statement: Int) {
    byID[Key(queryID: id, database: database)] = statement
  }

  mutating func takeNew(_ shapes: borrowing ShapeTable) -> [QueryIDEdge] {
    let edges = new.map {
      QueryIDEdge(database: $0.database, queryID: $0.queryID, fingerprint: shapes.statements[$0.statement].fingerprint)
    }
    new.removeAll()
    return edges
  }
}

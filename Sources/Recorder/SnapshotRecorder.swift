internal import Bytes
public import Catalog
public import History
public import Model
public import SQLText
internal import Statements

/// Takes a snapshot, live or from a file, into a history: statement counters as what happened since the one before, the
/// rest as the database's catalog.
///
/// Lines are handed over as they come; the history sees nothing before `finish`.
public struct SnapshotRecorder: Sendable {
  /// What became of a snapshot.
  public struct Outcome: Sendable, Hashable {
    public var snapshotID: String
    /// Whether the history had it before.
    public var isKnown: Bool
    /// Rows of pg_stat_statements.
    public var statements: Int
    /// Whether the snapshot holds a schema, so that a catalog was stored.
    public var hasCatalog: Bool
    public var snapshot: Snapshot
  }

  /// Sections whose rows are needed here; `statements` and `statement_texts` are not kept as lines.
  private static let needed: Set<String> = [
    "statements", "statement_texts", "statements_info", "statements_info_after", "stat_database", "stat_bgwriter",
    "stat_wal",
  ]
  private static let omitted: Set<String> = ["statements", "statement_texts"]

  private var reader = SnapshotReader(keeping: .only(needed))
  private var lines: [UInt8] = []

  public init() {}

  public mutating func add(_ piece: [UInt8]) throws(SnapshotError) {
    try reader.add(piece)
    lines += piece
  }

  /// Stores what was handed over, if it is whole.
  ///
  /// - Throws: `SnapshotError` for a snapshot that is not whole, `HistoryError`.
  public mutating func finish(into history: HistoryStore, _ fingerprinter: Fingerprinter) throws -> Outcome {
    var snapshot = try reader.finish()
    snapshot.header.server = try Self.server(of: snapshot.header, in: history)
    let header = snapshot.header
    var statements: (snapshot: StatementsSnapshot, texts: [StatementKey: StatementText])?
    if snapshot.failed.contains("statements") {
      // Rows that could not be read are not rows that are gone.
      if header.lacksStatementsLibrary { statements = (.unloaded(snapshot), [:]) }
    } else if snapshot.counts["statements"] != nil {
      let rows = try StatementsSnapshot(snapshot)
      statements = (rows, try Self.texts(snapshot, rows, fingerprinter))
    }
    let hasCatalog = snapshot.counts["relations"] != nil && !snapshot.failed.contains("relations")
    let catalog =
      hasCatalog
      ? CatalogDocument(server: header.server, database: header.database, at: header.at, lines: lines) : nil
    let stored = try history.store(statements, with: catalog, omitting: Self.omitted)
    lines = []
    let known = [stored.statements, stored.catalog].contains {
      if case .alreadyThere = $0 { true } else { false }
    }
    return Outcome(
      snapshotID: HistoryStore.snapshotID(header.server, at: header.at), isKnown: known,
      statements: snapshot.counts["statements"] ?? 0, hasCatalog: hasCatalog, snapshot: snapshot)
  }

  /// Which of the cluster's servers that a history knows a snapshot is of: clones share all that they say of themselves.
  public static func server(of header: SnapshotHeader, in history: HistoryStore) throws -> ServerIdentity {
    try history.server(
      header.server, at: header.at, started: header.serverStart, timeline: header.timeline, place: header.place)
  }

  /// Texts are shared by all users and levels of a query id.
  private static func texts(
    _ snapshot: Snapshot, _ statements: StatementsSnapshot, _ fingerprinter: Fingerprinter
  ) throws(SnapshotError) -> [StatementKey: StatementText] {
    struct Place: Hashable {
      var database: UInt32
      var query: QueryID
    }
    var described: [Place: StatementText] = [:]
    for row in snapshot["statement_texts"] {
      // What a role may not see, `showtext` of pg_stat_statements.c spells so.
      guard let text = try row.optionalString("query"), text != "<insufficient privilege>" else { continue }
      let place = Place(
        database: UInt32(clamping: try row.integer("dbid")), query: QueryID(try row.integer("queryid")))
      described[place] = fingerprinter.describe(PreparedText.executed(text))
    }
    var texts: [StatementKey: StatementText] = [:]
    for row in statements.rows {
      let place = Place(database: row.key.databaseID, query: row.key.queryID)
      // Files that were written by hand may have the text in the row itself.
      if let text = described[place] ?? row.query.map({ fingerprinter.describe(PreparedText.executed($0)) }) {
        texts[row.key] = text
      }
    }
    return texts
  }
}

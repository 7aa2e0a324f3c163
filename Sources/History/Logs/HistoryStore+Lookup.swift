import Foundation
import GRDB
public import Model

extension HistoryStore {
  /// The salt of the hashes that stand for values here: 16 random bytes, made when they are first asked for.
  public func salt() throws(HistoryError) -> [UInt8] {
    try write { db in
      try db.execute(sql: "INSERT OR IGNORE INTO secret (name, value) VALUES ('salt', randomblob(16))")
      return [UInt8](try Data.fetchOne(db, sql: "SELECT value FROM secret WHERE name = 'salt'") ?? Data())
    }
  }

  /// The statement that a query id stands for in a database: as a log or pg_stat_statements has shown it. Of
  /// several (one id may have texts that differ in their aliases) the one with the smallest fingerprint.
  public func statement(ofQueryID id: QueryID, database: String) throws(HistoryError) -> StatementText? {
    try read { db in
      let row = try Row.fetchOne(
        db,
        // Unsigned order, as `Fingerprint` compares.
        sql: """
          SELECT fingerprint, text, kind, relations, grammar FROM statement WHERE id IN (
            SELECT statement_id FROM query_id WHERE query_id = ?1 AND database = ?2
            UNION
            SELECT e.statement_id FROM statement_entry e
            JOIN server_name n ON n.server_id = e.server_id AND n.kind = 'database' AND n.oid = e.database_id
            WHERE e.query_id = ?1 AND n.name = ?2 AND e.toplevel AND NOT e.is_reset)
          ORDER BY fingerprint < 0, fingerprint LIMIT 1
          """, arguments: [id.value, database])
      return try row.map { row in
        StatementText(
          fingerprint: Fingerprint(UInt64(bitPattern: row[0])), normalized: row[1],
          kind: StatementKind(rawValue: row[2]) ?? .unknown, relations: try JSON.value([RelationName].self, row[3]),
          grammar: StatementText.Grammar(rawValue: row[4]) ?? .masked)
      }
    }
  }
}

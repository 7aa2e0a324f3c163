import Foundation
import GRDB
import Model
import Statements

/// A row of snapshots each of which is compared with the one before.
///
/// A server has one, and others beside it: a snapshot that falls into the middle begins one, and so does one whose role
/// is not shown every role's entries. That one is compared with the newest as well, and the next one that sees
/// everything is compared with the last that did, if that is not long ago: entries that were hidden in between are
/// known after all.
struct StatementsChain {
  var key: Int64
  var last: StatementsSnapshot

  /// A snapshot that sees everything takes up what was last seen so long ago at most, or across one other snapshot.
  private static let longestDetour = Microseconds(7_200_000_000)

  /// The chains that end before an instant, the newest end first.
  static func before(
    _ at: Int64, server: Int64, _ db: Database, _ snapshot: (Int64, Data) throws -> StatementsSnapshot
  ) throws -> [StatementsChain] {
    // Older ones are ends that nothing will be compared with.
    try Row.fetchAll(
      db,
      sql: """
        SELECT key_at, last_at, last_state FROM statements_chain WHERE server_id = ? AND last_at < ?
        ORDER BY last_at DESC, key_at LIMIT 3
        """, arguments: [server, at]
    ).map { StatementsChain(key: $0[0], last: try snapshot($0[1], $0[2])) }
  }

  /// What a snapshot is compared with, and the key of the chain that it then ends; nil where it begins one.
  static func step(
    to snapshot: StatementsSnapshot, from chains: [StatementsChain], server: Int64, _ db: Database
  ) throws -> (from: StatementsSnapshot, key: Int64)? {
    guard let newest = chains.first else { return nil }
    if !snapshot.context.seesAllUsers, newest.last.context.seesAllUsers {
      let other = chains.first { !$0.last.context.seesAllUsers }
      return (newest.last, other?.key ?? snapshot.at.microseconds)
    }
    if snapshot.context.seesAllUsers, !newest.last.context.seesAllUsers,
      let whole = chains.first(where: \.last.context.seesAllUsers)
    {
      let between =
        try Int.fetchOne(
          db, sql: "SELECT count(*) FROM statements_snapshot WHERE server_id = ? AND at > ? AND at < ?",
          arguments: [server, whole.last.at.microseconds, snapshot.at.microseconds]) ?? 0
      if between <= 1 || snapshot.at - whole.last.at <= longestDetour { return (whole.last, whole.key) }
    }
    return (newest.last, newest.key)
  }
}

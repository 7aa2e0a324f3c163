import Foundation
import GRDB
import Model
import Statements

/// A row of snapshots each of which is compared with the one before.
///
/// A server has one, and others beside it: a snapshot that falls into the middle begins one, and so does one whose role
/// is not shown every role's entries or that comes from another postmaster. That one is compared with the newest as well, and the next one that sees
/// everything is compared with the last that did, if that is not long ago: entries that were hidden in between are
/// known after all.
struct StatementsChain {
  var key: Int64
  var last: StatementsSnapshot

  /// A snapshot that sees everything takes up what was last seen so long ago at most, or across one other snapshot.
  private static let longestDetour = Microseconds(7_200_000_000)

  /// So many chains may end before a snapshot; then the end that is longest ago is given up.
  private static let mostEnds = 4

  /// The chains that end before an instant, the newest end first.
  static func before(
    _ at: Int64, server: Int64, _ db: Database, _ snapshot: (Int64, Data) throws -> StatementsSnapshot
  ) throws -> [StatementsChain] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT key_at, last_at, last_state FROM statements_chain WHERE server_id = ? AND last_at < ?
        ORDER BY last_at DESC, key_at LIMIT \(mostEnds)
        """, arguments: [server, at]
    ).map { StatementsChain(key: $0[0], last: try snapshot($0[1], $0[2])) }
  }

  /// What a snapshot is compared with, and the key of the chain that it then ends; nil where it begins one.
  static func step(
    to snapshot: StatementsSnapshot, from chains: [StatementsChain], server: Int64, _ db: Database
  ) throws -> (from: StatementsSnapshot, key: Int64)? {
    guard let newest = chains.first else { return nil }
    /// Compares with the newest and leaves its chain as it is, for whoever goes on from there.
    func beside(_ other: StatementsChain?) -> (from: StatementsSnapshot, key: Int64) {
      let given = chains.count == mostEnds ? chains.last : nil
      return (newest.last, (other ?? given)?.key ?? snapshot.at.microseconds)
    }
    var chains = chains
    if let start = snapshot.context.serverStart, newest.last.context.serverStart.map({ $0 != start }) ?? false {
      // Another postmaster: a restart, or another server of the same name, after which this one may answer again.
      chains = chains.filter { $0.last.context.serverStart == start }
      guard let own = chains.first else { return beside(nil) }
      return (own.last, own.key)
    }
    chains = chains.filter { $0.last.context.serverStart == newest.last.context.serverStart }
    if !snapshot.context.seesAllUsers, newest.last.context.seesAllUsers {
      return beside(chains.first { !$0.last.context.seesAllUsers })
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

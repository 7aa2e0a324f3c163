import GRDB
public import Model
import Statements

extension HistoryStore {
  /// Which server of a cluster a snapshot is of, where several call themselves the same: a clone made from a base
  /// backup or a storage snapshot has its origin's system identifier, and is no replica; replicas may have one name.
  ///
  /// A postmaster is known by the instant of its start. One whose start is not known yet continues the server that it
  /// names itself after, unless it was already running when that one's postmaster was captured: then there are two,
  /// except that a primary on a new timeline may have taken over (which the difference says). If the other answers
  /// again afterwards, there were two after all. Servers beside the first are numbered.
  ///
  /// - Parameters:
  ///   - started: `pg_postmaster_start_time()`.
  ///   - place: the data directory and port, where known.
  public func server(
    _ claimed: ServerIdentity, at: Timestamp, started: Timestamp, timeline: Int64?, place: String?
  ) throws(HistoryError) -> ServerIdentity {
    try read { db in
      let nodes = try ServerLives.known(claimed, before: at, db)
      guard let first = nodes.first, !first.lives.isEmpty else { return claimed }
      let number = nodes.count + 1
      let another = ServerIdentity(systemIdentifier: claimed.systemIdentifier, node: "\(claimed.node) #\(number)")
      if let node = nodes.dropFirst().first(where: { $0.hasStarted(started) }) { return node.server }
      if first.hasStarted(started) { return first.hasComeBack(around: started) ? another : claimed }
      // A restart, or another server: of several that it can be, the one at the same place.
      if let place, place != first.last?.place,
        let node = nodes.dropFirst().first(where: { $0.last?.place == place })
      {
        return node.server
      }
      if let last = first.last, started <= last.at {
        let isFailOverPossible = !claimed.node.hasPrefix("replica") && (timeline == nil || timeline != last.timeline)
        return isFailOverPossible ? claimed : another
      }
      return claimed
    }
  }
}

/// The postmasters that a history has lately seen behind one name, in the order of time.
private struct ServerLives {
  struct Life {
    var at: Timestamp
    var started: Timestamp
    var timeline: Int64?
    var place: String?
  }

  var server: ServerIdentity
  var lives: [Life]
  var last: Life? { lives.last }

  /// Snapshots that are looked at.
  private static let reach = 60

  /// The server of that name and those beside it, that one first.
  static func known(_ claimed: ServerIdentity, before at: Timestamp, _ db: Database) throws -> [ServerLives] {
    try Row.fetchAll(
      db, sql: "SELECT id, node FROM server WHERE system_identifier = ? ORDER BY length(node), node",
      arguments: [claimed.systemIdentifier]
    ).filter { ($0[1] as String) == claimed.node || ($0[1] as String).hasPrefix(claimed.node + " #") }
      .map { row in
        let contexts = try Row.fetchAll(
          db,
          sql: """
            SELECT x.at, c.context FROM statements_snapshot x JOIN statements_context c ON c.id = x.context_id
            WHERE x.server_id = ? AND x.at < ? ORDER BY x.at DESC LIMIT \(reach)
            """, arguments: [row[0] as Int64, at.microseconds])
        return ServerLives(
          server: ServerIdentity(systemIdentifier: claimed.systemIdentifier, node: row[1]),
          lives: try contexts.reversed().compactMap { context in
            let known = try JSON.value(StatementsContext.self, context[1])
            return known.serverStart.map {
              Life(
                at: Timestamp(microseconds: context[0]), started: $0, timeline: known.timeline, place: known.place)
            }
          })
      }
  }

  func hasStarted(_ time: Timestamp) -> Bool { lives.contains { $0.started == time } }

  /// Whether another postmaster was seen both before and after the first sight of this one.
  func hasComeBack(around time: Timestamp) -> Bool {
    guard let sight = lives.firstIndex(where: { $0.started == time }) else { return false }
    let before = Set(lives[..<sight].map(\.started))
    return lives[sight...].contains { before.contains($0.started) }
  }
}

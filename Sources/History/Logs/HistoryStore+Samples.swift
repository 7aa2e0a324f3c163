import Foundation
import GRDB
import Model

/// Bounded sets whose content depends on what was offered, never on the order or the batches: each candidate has a
/// rank, and the smallest ranks stay.
extension HistoryStore {
  /// Keeps, for each fingerprint, the slowest samples and an evenly drawn set of ordinary ones
  /// (`ExecutionSample.limit`).
  func keepSamples(_ samples: [ExecutionSample], _ ids: inout Dictionaries, _ db: Database) throws {
    struct Set: Hashable {
      var statement: Int64
      var reason: ExecutionSample.Reason
    }
    var offered: [Set: [(rank: Rank, sample: ExecutionSample)]] = [:]
    for sample in samples {
      let set = Set(statement: try ids.id(of: sample.fingerprint), reason: sample.reason)
      offered[set, default: []].append((Rank(sample), sample))
    }
    for (set, candidates) in offered.sorted(by: {
      ($0.key.statement, $0.key.reason.rawValue) < ($1.key.statement, $1.key.reason.rawValue)
    }) {
      let key: StatementArguments = [set.statement, set.reason.rawValue]
      let present = try Row.fetchAll(
        try db.cachedStatement(sql: "SELECT rank, content FROM sample WHERE statement_id = ? AND reason = ?"),
        arguments: key
      ).map { Rank(value: $0[0], content: $0[1]) }
      let change = Rank.change(
        present: present, offered: candidates.map(\.rank), limit: ExecutionSample.limit(set.reason))
      for rank in change.removed {
        try db.cachedStatement(
          sql: "DELETE FROM sample WHERE statement_id = ? AND reason = ? AND rank = ? AND content = ?"
        ).execute(arguments: key + [rank.value, rank.content])
      }
      var added = Swift.Set(change.added)
      for (rank, sample) in candidates where added.remove(rank) != nil {
        try db.cachedStatement(
          sql: """
            INSERT INTO sample (statement_id, reason, rank, content, dimensions_id, at, duration_us, text, parameters)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).execute(
          arguments: key + [
            rank.value, rank.content, try ids.id(of: sample.dimensions), sample.at.microseconds,
            sample.duration.value, sample.text, try SampleParameters.encode(sample.parameters),
          ])
      }
    }
  }

  /// Plans kept for each fingerprint and shape: the slowest two, and two drawn evenly.
  static func planLimit(_ reason: ExecutionSample.Reason) -> Int { 2 }

  func keepPlans(_ plans: [PlanSample], _ ids: inout Dictionaries, _ db: Database) throws {
    struct Set: Hashable {
      var statement: Int64
      var shape: Int64
      var reason: ExecutionSample.Reason
    }
    var offered: [Set: [(rank: Rank, plan: PlanSample)]] = [:]
    for plan in plans {
      for reason in [ExecutionSample.Reason.slow, .ordinary] {
        let set = Set(
          statement: try ids.id(of: plan.fingerprint), shape: Int64(bitPattern: plan.shape ?? 0), reason: reason)
        offered[set, default: []].append((Rank(plan, reason), plan))
      }
    }
    for (set, candidates) in offered.sorted(by: {
      ($0.key.statement, $0.key.shape, $0.key.reason.rawValue)
        < ($1.key.statement, $1.key.shape, $1.key.reason.rawValue)
    }) {
      let key: StatementArguments = [set.statement, set.shape, set.reason.rawValue]
      let present = try Row.fetchAll(
        try db.cachedStatement(
          sql: "SELECT rank, content FROM plan WHERE statement_id = ? AND shape = ? AND reason = ?"), arguments: key
      ).map { Rank(value: $0[0], content: $0[1]) }
      let change = Rank.change(
        present: present, offered: candidates.map(\.rank), limit: HistoryStore.planLimit(set.reason))
      for rank in change.removed {
        try db.cachedStatement(
          sql: """
            DELETE FROM plan WHERE statement_id = ? AND shape = ? AND reason = ? AND rank = ? AND content = ?
            """
        ).execute(arguments: key + [rank.value, rank.content])
      }
      var added = Swift.Set(change.added)
      for (rank, plan) in candidates where added.remove(rank) != nil {
        try db.cachedStatement(
          sql: """
            INSERT INTO plan (statement_id, shape, reason, rank, content, dimensions_id, at, duration_us, format,
              document, nested)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).execute(
          arguments: key + [
            rank.value, rank.content, try ids.id(of: plan.dimensions), plan.at.microseconds, plan.duration.value,
            plan.format.rawValue, try Deflate.pack(Array(plan.document.utf8)), plan.isNested,
          ])
      }
    }
  }
}

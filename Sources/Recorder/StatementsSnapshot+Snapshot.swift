internal import Bytes
internal import Catalog
internal import Model
internal import Statements

extension StatementsSnapshot {
  /// Of a server that counts no statements, as it was started without the extension's library.
  static func unloaded(_ snapshot: Snapshot) -> StatementsSnapshot {
    let header = snapshot.header
    var context = StatementsContext(
      serverStart: header.serverStart, serverVersion: header.version,
      extensionVersion: header.statementsVersion ?? "")
    context.isLoaded = false
    context.timeline = header.timeline
    context.place = header.place
    return StatementsSnapshot(server: header.server, at: header.at, context: context, rows: [])
  }

  /// The rows of pg_stat_statements in a snapshot, with what they are compared by.
  init(_ snapshot: Snapshot) throws(SnapshotError) {
    let header = snapshot.header
    var rows: [StatementRow] = []
    var known = CounterSet()
    var columns: (names: [String], reader: StatementColumns)?
    var databases: [UInt32: String] = [:]
    var users: [UInt32: String] = [:]
    for row in snapshot["statements"] {
      let names = row.fields.map(\.key)
      do {
        // All rows of a snapshot have the same columns.
        if columns?.names != names { columns = (names, try StatementColumns(names)) }
        guard let reader = columns?.reader else { continue }
        known = reader.known
        let values = row.fields.map { SnapshotRow.text($0.value) }
        let read = try reader.row(values)
        rows.append(read)
        if let name = try row.optionalString("datname") { databases[read.key.databaseID] = name }
        if let name = try row.optionalString("rolname") { users[read.key.userID] = name }
      } catch let problem as StatementColumns.Problem {
        throw .malformed(line: row.line, what: problem.sentence)
      } catch let error as SnapshotError {
        throw error
      } catch {
        throw .malformed(line: row.line, what: "\(error)")
      }
    }

    var activeTime: [UInt32: Int64] = [:]
    var databaseResets: [UInt32: Timestamp] = [:]
    for row in snapshot["stat_database"] {
      guard let id = try row.optionalInteger("datid"), let milliseconds = try row.optionalDouble("active_time") else {
        continue
      }
      activeTime[UInt32(clamping: id)] = Int64((milliseconds * 1e6).rounded())
      databaseResets[UInt32(clamping: id)] = try row.optionalString("stats_reset").flatMap { Timestamp($0) }
    }
    func resets(_ section: String) throws(SnapshotError) -> [Timestamp] {
      var times: [Timestamp] = []
      for row in snapshot[section] {
        if let text = try row.optionalString("stats_reset"), let time = Timestamp(text) { times.append(time) }
      }
      return times
    }
    let before = snapshot["statements_info"].first
    let after = snapshot["statements_info_after"].first ?? before
    func reset(_ row: SnapshotRow?) throws(SnapshotError) -> Timestamp? {
      try row?.optionalString("stats_reset").flatMap { Timestamp($0) }
    }
    var context = StatementsContext(
      serverStart: header.serverStart, statementsReset: try reset(after),
      deallocations: try after?.optionalInteger("dealloc"), capacity: header.statementsCapacity,
      serverStatisticsReset: try (resets("stat_bgwriter") + resets("stat_wal")).min(), serverVersion: header.version,
      extensionVersion: header.statementsVersion ?? "", known: known, activeTime: activeTime,
      track: header.statementsTrack)
    if before != after {
      context.earlyStatementsReset = try reset(before)
      context.earlyDeallocations = try before?.optionalInteger("dealloc")
    }
    context.databaseResets = databaseResets.isEmpty ? nil : databaseResets
    context.timeline = header.timeline
    context.place = header.place
    context.tellsLevel = columns?.reader.hasLevel
    self.init(
      server: header.server, at: header.at, context: context, rows: rows, databases: databases, users: users)
  }
}

import Catalog
import Model
import Report

/// What the server counted, between two catalogs where there are two that count from the same beginning, else since its
/// counters began.
struct CatalogCounters {
  let now: CatalogReader
  let before: CatalogReader?

  func figures() throws(SnapshotError) -> [Figure] {
    guard let counters = try now.databaseCounters() else { return [] }
    let earlier = try comparable(counters)
    func delta(_ key: String) throws(SnapshotError) -> Double? {
      guard let value = try counters.optionalDouble(key) else { return nil }
      guard let earlier else { return value }
      return value - (try earlier.optionalDouble(key) ?? 0)
    }
    let note = earlier == nil ? "since the counters began" : "between two captures"
    var figures: [Figure] = []
    if let hit = try delta("blks_hit"), let read = try delta("blks_read"), hit + read > 0 {
      figures.append(Figure("Buffer cache hits", .fraction(hit / (hit + read)), better: .higher, note: note))
    }
    if let commits = try delta("xact_commit"), let rollbacks = try delta("xact_rollback"), commits + rollbacks > 0 {
      figures.append(Figure("Transactions", Quantity(commits + rollbacks, .count), note: note))
      figures.append(Figure("Rolled back", .fraction(rollbacks / (commits + rollbacks)), better: .lower, note: note))
    }
    if let bytes = try delta("temp_bytes") {
      let files = try delta("temp_files") ?? 0
      figures.append(
        Figure(
          "Temporary files", Quantity(bytes, .bytes), better: .lower,
          note: "in \(Quantity(files, .count)) files, \(note)"))
    }
    if let deadlocks = try delta("deadlocks") {
      figures.append(Figure("Deadlocks", Quantity(deadlocks, .count), better: .lower, note: note))
    }
    return figures
  }

  /// The earlier counters, if nothing was reset in between.
  private func comparable(_ counters: SnapshotRow) throws(SnapshotError) -> SnapshotRow? {
    guard let earlier = try before?.databaseCounters(),
      counters.text("stats_reset") == earlier.text("stats_reset"),
      now.header.text("server_started_at") == before?.header.text("server_started_at")
    else { return nil }
    for key in ["xact_commit", "blks_hit", "blks_read"] {
      if try counters.optionalDouble(key) ?? 0 < earlier.optionalDouble(key) ?? 0 { return nil }
    }
    return earlier
  }
}

/// How much there is, and how fast it grows.
struct CatalogCapacity {
  let now: CatalogReader
  let before: CatalogReader?

  func figures() throws(SnapshotError) -> [Figure] {
    var figures: [Figure] = []
    let earlier = try before.flatMap { (catalog) throws(SnapshotError) in try size(catalog) }
    if let bytes = try size(now) {
      figures.append(
        Figure("Database size", .bytes(bytes), previous: earlier.map { .bytes($0) }, note: now.database))
      if let earlier, let before, now.at.seconds - before.at.seconds >= 3_600 {
        let days = (now.at.seconds - before.at.seconds) / 86_400
        figures.append(
          Figure("Growth a day", Quantity(Double(bytes - earlier) / days, .bytes).estimated(), note: "straight line"))
      }
    }
    if let limit = try now.setting("max_connections").flatMap({ Double($0) }), limit > 0, !now["connections"].isEmpty {
      var connections: Int64 = 0
      for row in now["connections"] { connections += try row.integer("connections") }
      figures.append(
        Figure("Connections", .count(connections), note: "of \(Quantity.count(Int64(limit))) when captured"))
    }
    if let bytes = try walBytes(), let before, now.at.seconds - before.at.seconds >= 600 {
      let days = (now.at.seconds - before.at.seconds) / 86_400
      figures.append(Figure("Write-ahead log a day", Quantity(bytes / days, .bytes), note: "between two captures"))
    }
    return figures
  }

  private func size(_ catalog: CatalogReader) throws(SnapshotError) -> Int64? {
    for row in catalog["database_sizes"] where try row.optionalString("name") == catalog.database {
      return try row.optionalInteger("size_bytes")
    }
    return nil
  }

  private func walBytes() throws(SnapshotError) -> Double? {
    func position(_ catalog: CatalogReader?) throws(SnapshotError) -> UInt64? {
      guard let text = try catalog?["wal_position"].first?.optionalString("current_lsn") else { return nil }
      // pg_lsn prints its two halves in hexadecimal: 16/B374D848.
      let halves = text.split(separator: "/").compactMap { UInt64($0, radix: 16) }
      return halves.count == 2 ? halves[0] << 32 | halves[1] : nil
    }
    guard let from = try position(before), let to = try position(now), to >= from else { return nil }
    return Double(to - from)
  }
}

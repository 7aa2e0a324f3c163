import Catalog
import Findings
import Model
import Report

/// What will stop the server or lose something if nobody acts: transaction ids, sequences, slots, old transactions.
struct CatalogSafety {
  private let catalog: CatalogReader

  init(_ catalog: CatalogReader) { self.catalog = catalog }

  func findings() throws(SnapshotError) -> [Finding] {
    try transactionAges() + sequences() + slots() + openTransactions() + neverAnalyzed()
  }

  /// Half of the 32-bit circle: beyond it the server refuses to give out ids (manual, section 25.1.5).
  private static let lastID = 2_147_483_648.0

  private func transactionAges() throws(SnapshotError) -> [Finding] {
    var findings: [Finding] = []
    for row in catalog["databases"] where try row.optionalBool("allows_connections") ?? true {
      let name = try row.string("name")
      for (key, what, rule) in [
        ("frozen_age", "transaction ids", "server.transaction-id-wraparound"),
        ("multixact_age", "multixact ids", "server.multixact-wraparound"),
      ] {
        guard let age = try row.optionalDouble(key), age >= 0.5 * Self.lastID else { continue }
        let share = age / Self.lastID
        findings.append(
          Finding(
            rule: RuleID(rule), subject: .database(name),
            title: "Database \(name) has used \(Quantity.fraction(share)) of its \(what)",
            severity: share >= 0.8 ? .critical : .warning,
            evidence: [
              .quantity("age", "Age of the oldest", age, .count),
              .quantity("used", "Of what can be given out", share, .fraction),
            ],
            remedy: Remedy(
              "Find what keeps vacuum from freezing (old transactions, slots, prepared transactions), then vacuum the oldest tables.",
              sql: ["VACUUM (FREEZE, VERBOSE);"],
              risk: "Reads and writes much; the server stops taking writes when the ids run out."),
            confidence: .measured("The catalog's ages when it was captured.")))
      }
    }
    return findings
  }

  private func sequences() throws(SnapshotError) -> [Finding] {
    var columns: [Int64: [Int64: SnapshotRow]] = [:]
    for row in catalog["columns"] {
      columns[try row.integer("relation"), default: [:]][try row.integer("number")] = row
    }
    var findings: [Finding] = []
    for row in catalog["sequences"] where try !(row.optionalBool("is_cyclic") ?? false) {
      guard let last = try row.optionalDouble("last_value"), let maximum = try row.optionalDouble("maximum"),
        try row.optionalInteger("increment") ?? 1 > 0
      else { continue }
      let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      var limit = maximum
      var subject = Subject.table(name, database: catalog.database)
      var owner = "sequence \(name)"
      var remedySQL: [String] = []
      if let relation = try row.optionalInteger("owner_relation"), let number = try row.optionalInteger("owner_column"),
        let table = catalog.names[relation], let column = columns[relation]?[number]
      {
        // The column ends before its sequence does where it is the narrower of the two.
        let narrow = ["smallint": 32_767.0, "integer": 2_147_483_647]
        limit = min(limit, narrow[try column.string("type")] ?? limit)
        subject = .table(table, database: catalog.database)
        owner = "\(table).\(SQLSpelling.identifier(try column.string("name")))"
        remedySQL = [
          "ALTER TABLE \(table.sql) ALTER COLUMN \(SQLSpelling.identifier(try column.string("name"))) TYPE bigint;"
        ]
      }
      let share = limit > 0 ? last / limit : 0
      guard share >= 0.5 else { continue }
      findings.append(
        Finding(
          rule: "server.sequence-exhaustion", subject: subject, discriminator: name.sql,
          title: "\(owner) has used \(Quantity.fraction(share)) of its numbers",
          severity: share >= 0.9 ? .critical : share >= 0.7 ? .warning : .notice,
          evidence: [
            .quantity("last", "Last number given out", last, .count),
            .quantity("limit", "Largest possible", limit, .count),
          ],
          remedy: Remedy(
            "Widen the column (and what refers to it) to bigint before the numbers run out.", sql: remedySQL,
            risk:
              "Changing the type rewrites the table under an exclusive lock; large tables want a new column, filled in steps."
          ), confidence: .measured("The sequence's last value when it was captured.")))
    }
    return findings
  }

  private func slots() throws(SnapshotError) -> [Finding] {
    var findings: [Finding] = []
    for row in catalog["replication_slots"] {
      guard let bytes = try row.optionalDouble("retained_bytes"), bytes >= 1_073_741_824 else { continue }
      let name = try row.string("slot_name")
      let isActive = try row.optionalBool("active") ?? false
      findings.append(
        Finding(
          rule: "server.replication-slot-retention", subject: .server, discriminator: name,
          title: "Replication slot \(name) holds back \(Quantity(bytes, .bytes)) of write-ahead log",
          severity: isActive ? .warning : .critical,
          evidence: [
            .quantity("retained", "Write-ahead log kept", bytes, .bytes),
            .text("active", "In use", isActive ? "yes" : "no"),
          ],
          remedy: Remedy(
            isActive
              ? "Find out why its consumer is behind." : "If nothing will use it again, drop it: it fills the disk.",
            sql: isActive ? [] : ["SELECT pg_drop_replication_slot(\(SQLSpelling.literal(name)));"],
            risk: "A consumer whose slot is gone must begin anew."),
          confidence: .measured("The slot's position when it was captured.")))
    }
    return findings
  }

  private func openTransactions() throws(SnapshotError) -> [Finding] {
    var oldest: (hours: Double, row: SnapshotRow)?
    for row in catalog["sessions"] {
      guard let start = try row.optionalString("xact_start").flatMap({ Timestamp($0) }) else { continue }
      let hours = (catalog.at.seconds - start.seconds) / 3_600
      if hours >= 1, hours > oldest?.hours ?? 0 { oldest = (hours, row) }
    }
    var findings: [Finding] = []
    if let (hours, row) = oldest {
      let application = try row.optionalString("application_name") ?? ""
      findings.append(
        Finding(
          rule: "server.long-transaction", subject: .server,
          title: "A transaction had been open for \(Quantity.milliseconds(hours * 3_600_000))", severity: .warning,
          evidence: [
            .text("application", "Application", application.isEmpty ? "not named" : application),
            .text("state", "State", try row.optionalString("state") ?? "not known"),
          ],
          remedy: Remedy(
            "Vacuum cannot remove what it may still see: end it, and set idle_in_transaction_session_timeout.",
            risk: "Ending a session rolls its transaction back."),
          confidence: .measured("The sessions when the catalog was captured.")))
    }
    for row in catalog["prepared_transactions"] {
      guard let at = try row.optionalString("prepared").flatMap({ Timestamp($0) }) else { continue }
      let hours = (catalog.at.seconds - at.seconds) / 3_600
      guard hours >= 1 else { continue }
      findings.append(
        Finding(
          rule: "server.prepared-transaction", subject: .server, discriminator: at.description,
          title: "A prepared transaction had been waiting for \(Quantity.milliseconds(hours * 3_600_000))",
          severity: .warning, evidence: [.text("owner", "Owner", try row.optionalString("owner") ?? "not known")],
          remedy: Remedy("Commit it or roll it back: it holds its locks and keeps vacuum from cleaning up."),
          confidence: .measured("pg_prepared_xacts when the catalog was captured.")))
    }
    return findings
  }

  private func neverAnalyzed() throws(SnapshotError) -> [Finding] {
    var findings: [Finding] = []
    for row in catalog["stat_tables"] {
      guard let name = catalog.names[try row.integer("relid")], row["last_analyze"] == nil,
        row["last_autoanalyze"] == nil, let live = try row.optionalDouble("n_live_tup"), live >= 1_000,
        // Without statistics the planner has no row count of its own either; restored ones have both.
        try row.optionalDouble("reltuples") ?? 0 <= 0
      else { continue }
      findings.append(
        Finding(
          rule: "table.never-analyzed", subject: .table(name, database: catalog.database),
          title: "Table \(name) was never analyzed", severity: .warning,
          evidence: [.quantity("rows", "Live rows (counter)", live, .rows)],
          remedy: Remedy(
            "The planner guesses at it. Analyze it, and see why autovacuum does not.", sql: ["ANALYZE \(name.sql);"]),
          confidence: .measured("pg_stat_user_tables when the catalog was captured.")))
    }
    return findings
  }
}

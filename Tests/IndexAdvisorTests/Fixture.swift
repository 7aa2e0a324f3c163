import IndexAdvisor
import Model
import SQLText
import Testing
import WhatIf

/// A small shop, and a way to say what is expected of its queries in one line.
enum Fixture {
  static let orders = RelationName(schema: "public", name: "orders")

  static func index(
    _ name: String, _ keys: [String], table: String = "orders", unique: Bool = false, primary: Bool = false,
    scans: Int64? = nil, valid: Bool = true
  ) -> IndexFacts {
    IndexFacts(
      name: name,
      definition: IndexDefinition(
        table: RelationName(schema: "public", name: table), keys: keys.map { .column($0) }, isUnique: unique || primary),
      sizeBytes: 10_000_000, isPrimary: primary, isConstraint: primary, isValid: valid, scans: scans)
  }

  static func database(
    indexes: [IndexFacts] = [], foreignKeys: [[String]] = [], writes: WriteCounters? = nil,
    kind: TableFacts.Kind = .table
  ) -> DatabaseFacts {
    func column(_ name: String, _ distinct: Double, type: String = "integer", width: Int = 4) -> ColumnFacts {
      ColumnFacts(name: name, type: type, averageWidth: width, distinct: distinct, nullFraction: 0.1, correlation: 0)
    }
    return DatabaseFacts(
      version: ServerVersion(number: 150_020),
      tables: [
        TableFacts(
          name: orders, kind: kind, rows: 1_000_000, heapBytes: 100_000_000,
          columns: [
            column("id", 1_000_000), column("customer_id", 50_000), column("status", 5, type: "text", width: 6),
            column("total", 10_000, type: "numeric", width: 8),
            column("created_at", 900_000, type: "timestamp", width: 8),
            column("deleted_at", 50_000, type: "timestamp", width: 8), column("paid", 2, type: "boolean", width: 1),
            column("note", 900_000, type: "text", width: 40),
          ], indexes: [index("orders_pkey", ["id"], primary: true)] + indexes, foreignKeys: foreignKeys,
          partitions: kind == .partitioned
            ? [RelationName(schema: "public", name: "orders_1"), RelationName(schema: "public", name: "orders_2")] : [],
          writes: writes),
        TableFacts(
          name: RelationName(schema: "public", name: "customers"), rows: 50_000, heapBytes: 5_000_000,
          columns: [
            column("id", 50_000), column("email", 50_000, type: "text", width: 20),
            column("country", 100, type: "text"),
          ], indexes: [index("customers_pkey", ["id"], table: "customers", primary: true)]),
        TableFacts(
          name: RelationName(schema: "public", name: "tiny"), rows: 10, heapBytes: 8_192, columns: [column("a", 10)]),
      ], statisticsAgeDays: 40)
  }

  static func query(_ sql: [String], calls: Double = 1_000, milliseconds: Double = 1e8) -> Workload.Query {
    let described = describe(sql[0])
    return Workload.Query(
      fingerprint: described.fingerprint, text: described.normalized, kind: described.kind, calls: calls,
      totalMilliseconds: milliseconds,
      instances: sql.map { .init(PlannableStatement(id: $0, sql: $0, database: "shop")) })
  }

  static func advise(
    _ queries: [Workload.Query], database: DatabaseFacts = database(),
    _ change: (inout AdvisorOptions) -> Void = { _ in }
  ) async throws -> IndexAdvice {
    var options = AdvisorOptions()
    options.includesPartial = false
    options.includesCovering = false
    change(&options)
    return try await IndexAdvisor(planner: ToyPlanner(database), database: database, options: options)
      .advise(Workload(queries: queries, windowSeconds: 86_400))
  }

  /// The advice for one statement as a list of summaries.
  static func indexes(_ sql: String..., change: (inout AdvisorOptions) -> Void = { _ in }) async throws -> [String] {
    try await advise([query(sql)], change).additions.map(\.definition.summary)
  }
}

private func describe(_ sql: String) -> StatementText { Fingerprinter().describe(sql) }

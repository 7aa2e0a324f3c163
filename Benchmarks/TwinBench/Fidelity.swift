import ArgumentParser
import Foundation
import Model
import PlannerTwin
import PostgresClient
import WhatIf

/// Plans queries in a twin with indexes that do not exist, then builds these in the real database and plans there.
struct Fidelity: AsyncParsableCommand {
  @Option(help: "How to reach the server, without a database: host=… port=… user=….") var server: String
  @Option var database: String
  @Option(help: "The list of indexes; lines with the same label are a set.") var sets: String
  @Option(help: "A directory of .sql files, or a workload.json of the shop.") var queries: String
  @Option(help: "The directory of the twin's server programs.") var postgresBin: String?
  @Flag(help: "Print every pair that differs.") var verbose = false

  struct Query {
    var name: String
    var sql: String
  }

  struct Pair {
    var set: String
    var query: String
    var sameShape: Bool
    var error: Double
    var isUsed: Bool
    var theirShape: Bool?
    var theirError: Double?
    var note: String
  }

  private func readQueries() throws -> [Query] {
    if queries.hasSuffix(".json") {
      let document = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: queries)))
      let shapes = (document as? [String: Any])?["shapes"] as? [[String: Any]] ?? []
      return shapes.compactMap { shape in
        guard let name = shape["name"] as? String, let first = (shape["instances"] as? [String])?.first else {
          return nil
        }
        return Query(name: name, sql: first)
      }
    }
    return try FileManager.default.contentsOfDirectory(atPath: queries).filter { $0.hasSuffix(".sql") }.sorted().map {
      Query(name: $0, sql: try String(contentsOfFile: queries + "/" + $0, encoding: .utf8))
    }
  }

  mutating func run() async throws {
    let specifications = try IndexSpecification.read(sets).filter { $0.database == database }
    var labels: [String] = []
    for specification in specifications where !labels.contains(specification.label) {
      labels.append(specification.label)
    }
    let statements = try readQueries().map { query in
      var sql = query.sql.trimmingCharacters(in: .whitespacesAndNewlines)
      if sql.hasSuffix(";") { sql.removeLast() }
      return Query(name: query.name, sql: sql)
    }
    let live = try await LiveDatabase(server: server, database: database)
    let twin = try await PlannerTwin.start(
      from: try await live.snapshot(), options: .init(binaryDirectory: postgresBin))
    let planner = TwinPlanner(twin)
    let hypo = try? await HypoPGPlanner.connect(LiveDatabase.options(server, database))
    var pairs: [Pair] = []
    var refused = 0
    for label in labels {
      let set = specifications.filter { $0.label == label }.map(\.definition)
      let found = try await pairsOf(label, set, statements, live, planner, hypo)
      pairs += found.pairs
      refused += found.refused
    }
    await hypo?.close()
    await twin.stop()
    await live.connection.close()
    report(pairs, sets: labels.count, refused: refused)
  }

  private struct Answer {
    var query: Query
    var twin: PlanShape
    var hypo: PlanShape?
  }

  private func pairsOf(
    _ label: String, _ set: [IndexDefinition], _ statements: [Query], _ live: LiveDatabase, _ planner: TwinPlanner,
    _ hypo: HypoPGPlanner?
  ) async throws -> (pairs: [Pair], refused: Int) {
    var names: Set<String> = []
    var labels: [String: String] = [:]
    for (number, definition) in set.enumerated() {
      let index = try await planner.add(definition)
      names.insert(index.name)
      labels[index.name] = "#\(number)"
    }
    // HypoPG refuses whole kinds of indexes; then it has no answer for the set.
    var theirs: Set<String>? = []
    var theirLabels: [String: String] = [:]
    for (number, definition) in set.enumerated() {
      if let index = try? await hypo?.add(definition) {
        theirs?.insert(index.name)
        theirLabels[index.name] = "#\(number)"
      } else {
        theirs = nil
      }
    }
    var refused = 0
    var answers: [Answer] = []
    for query in statements where set.contains(where: { query.sql.localizedStandardContains($0.table.name) }) {
      let statement = PlannableStatement(id: query.name, sql: query.sql, database: database)
      do {
        let plan = try await planner.plan(statement, with: names, without: [])
        guard let shape = PlanShape(plan.document, names: { labels[$0] ?? $0 }) else { continue }
        var answer = Answer(query: query, twin: shape)
        if let theirs, let plan = try? await hypo?.plan(statement, with: theirs, without: []) {
          answer.hypo = PlanShape(plan.document) { name in
            // HypoPG names an index after its number.
            name.hasPrefix("<") ? (theirs.count == 1 ? "#0" : Self.number(name, set)) : name
          }
        }
        answers.append(answer)
      } catch let error as WhatIfError {
        refused += 1
        if verbose { print("\(query.name): \(error.sentence)") }
      }
    }
    var pairs: [Pair] = []
    let connection = live.connection
    try await connection.execute("BEGIN")
    for (number, definition) in set.enumerated() {
      try await connection.execute(definition.createStatement(name: "really_\(number)"))
    }
    try await analyzeExpressions(set, connection)
    for answer in answers {
      let document = try await live.explain(answer.query.sql)
      guard let real = PlanShape(document, names: { $0.hasPrefix("really_") ? "#" + $0.dropFirst(7) : $0 }) else {
        continue
      }
      let same = real.description == answer.twin.description
      pairs.append(
        Pair(
          set: label, query: answer.query.name, sameShape: same,
          error: (answer.twin.cost - real.cost) / max(real.cost, 1e-9), isUsed: document.contains("really_"),
          theirShape: answer.hypo.map { $0.description == real.description },
          theirError: answer.hypo.map { ($0.cost - real.cost) / max(real.cost, 1e-9) },
          note: "real \(real.cost) twin \(answer.twin.cost)"
            + (same ? "" : "\n      real \(real.description)\n      twin \(answer.twin.description)")))
    }
    try await connection.execute("ROLLBACK")
    return (pairs, refused)
  }

  private static func number(_ name: String, _ set: [IndexDefinition]) -> String {
    // `<13420>btree_orders_total`, cut to the length of a name.
    let rest = name.drop { $0 != ">" }.dropFirst()
    for (number, definition) in set.enumerated() {
      let full =
        definition.method.name + "_"
        + (definition.table.schema == "public" ? "" : definition.table.schema + "_") + definition.table.name
        + definition.keys.map { "_" + ($0.columnName ?? "expr") }.joined()
      if full.hasPrefix(rest) || rest == full[...] { return "#\(number)" }
    }
    return name
  }

  /// An index on an expression gets statistics when its table is analyzed, which in production comes soon after. The
  /// statistics of the columns are put back as they were, so that chance in a second sample has no part in what is
  /// compared.
  private func analyzeExpressions(_ set: [IndexDefinition], _ connection: PostgresConnection) async throws {
    let tables = Set(set.filter { $0.keys.contains { $0.columnName == nil } }.map(\.table))
    guard !tables.isEmpty else { return }
    try await connection.execute("SET LOCAL allow_system_table_mods = on")
    let slots = 1...5
    for table in tables.sorted(by: { $0.description < $1.description }) {
      try await connection.execute(
        """
        CREATE TEMP TABLE saved ON COMMIT DROP AS SELECT starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
          \(slots.map { "stakind\($0), staop\($0), stacoll\($0), stanumbers\($0), stavalues\($0)::text AS v\($0)" }.joined(separator: ", "))
        FROM pg_statistic WHERE starelid = '\(table.sql)'::regclass
        """)
      try await connection.execute(
        """
        CREATE TEMP TABLE saved_class ON COMMIT DROP AS SELECT oid, relpages, reltuples, relallvisible FROM pg_class
        WHERE oid = '\(table.sql)'::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = '\(table.sql)'::regclass)
        """)
      try await connection.execute("ANALYZE \(table.sql)")
      try await connection.execute("DELETE FROM pg_statistic WHERE starelid = '\(table.sql)'::regclass")
      try await connection.execute(
        """
        INSERT INTO pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
          \(slots.map { "stakind\($0), staop\($0), stacoll\($0), stanumbers\($0), stavalues\($0)" }.joined(separator: ", ")))
        SELECT s.starelid, s.staattnum, s.stainherit, s.stanullfrac, s.stawidth, s.stadistinct,
          \(slots.map {
            "stakind\($0), staop\($0), stacoll\($0), stanumbers\($0), array_in(v\($0)::cstring, "
              + "(SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype WHEN stakind\($0) IN (4) THEN t.typelem ELSE t.oid END "
              + "FROM pg_type t WHERE t.oid = a.atttypid), -1)"
          }.joined(separator: ", "))
        FROM saved s JOIN pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
        WHERE NOT (stakind1 = 4 OR stakind2 = 4 OR stakind3 = 4) OR a.atttypid <> 'tsvector'::regtype
        """)
      try await connection.execute(
        """
        UPDATE pg_class c SET relpages = s.relpages, reltuples = s.reltuples, relallvisible = s.relallvisible
        FROM saved_class s WHERE s.oid = c.oid
        """)
      try await connection.execute("DROP TABLE saved, saved_class")
    }
  }

  private func report(_ pairs: [Pair], sets: Int, refused: Int) {
    var (ours, theirs) = (Errors(), Errors())
    for pair in pairs {
      ours.add(pair.error)
      if let error = pair.theirError { theirs.add(error) }
    }
    for pair in pairs.sorted(by: { abs($0.error) > abs($1.error) })
    where verbose && (!pair.sameShape || abs(pair.error) > 0) {
      print(
        "  \(pair.set) \(pair.query): \(percent(pair.error, 3)) \(pair.sameShape ? "" : "OTHER SHAPE ")\(pair.note)")
    }
    let same = pairs.count { $0.sameShape }
    let answered = pairs.filter { $0.theirShape != nil }
    let theirSame = answered.count { $0.theirShape == true }
    print(
      "\(database): \(sets) index sets, \(pairs.count) pairs, in \(pairs.count { $0.isUsed }) of them the plan uses the set; "
        + "\(refused) not planned")
    func line(_ name: String, _ count: Int, _ same: Int, _ errors: Errors) {
      print(
        name.padded(8) + "pairs \(count)".padded(13)
          + "same shape \(percent(Double(same) / Double(max(1, count))))".padded(24)
          + "cost error: median \(percent(errors.median, 4)), p90 \(percent(errors.quantile(0.9), 3)), "
          + "p99 \(percent(errors.quantile(0.99), 3)), worst \(percent(errors.worst, 3))")
    }
    line("twin", pairs.count, same, ours)
    line("HypoPG", answered.count, theirSame, theirs)
  }
}

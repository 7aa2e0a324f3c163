import Model
import PlannerTwin
import PostgresClient
import Synchronization

/// Plans statements over one connection: sets the search path, binds parameters, reads the answer.
final class StatementSession: Sendable {
  private struct State {
    var searchPath: [String] = []
    /// Names of prepared statements by their text and search path.
    var prepared: [String: String] = [:]
    var planCacheMode = ""
  }

  private let connection: PostgresConnection
  private let state = Mutex(State())

  /// Prepared statements that are kept; each holds its parse tree in the server.
  private static let preparedLimit = 500
  /// Rows of a LIMIT whose number is not known: a page of results.
  private static let ordinaryLimit = "50"

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// Sets the search path, or returns to the database's own for an empty list.
  func setSearchPath(_ path: [String]) async throws {
    guard state.withLock({ $0.searchPath != path }) else { return }
    if path.isEmpty {
      try await connection.execute("RESET search_path")
    } else {
      try await connection.execute(
        "SELECT pg_catalog.set_config('search_path', $1, false)",
        [path.map(SQLSpelling.identifier).joined(separator: ", ")])
    }
    state.withLock { $0.searchPath = path }
  }

  func plan(_ statement: PlannableStatement) async throws -> PlannedStatement {
    do {
      try await setSearchPath(statement.searchPath)
      let document = try await explain(statement)
      let text = PlanText(document)
      guard let cost = text.totalCost else {
        throw WhatIfError.statementRefused(
          id: statement.id, sqlState: "", message: "the server's plan has no cost; it is a statement without a plan")
      }
      return PlannedStatement(totalCost: cost, usedIndexes: text.indexNames, document: document)
    } catch let error as PostgresError where error.kind == .server || error.kind == .usage {
      let detail = error.detail.map { " (\($0))" } ?? ""
      throw WhatIfError.statementRefused(
        id: statement.id, sqlState: error.sqlState ?? "", message: error.message + detail)
    }
  }

  private func explain(_ statement: PlannableStatement) async throws -> String {
    let placeholders = Placeholders(statement.sql)
    guard placeholders.count > 0 else {
      return try await document("EXPLAIN (FORMAT JSON) " + statement.sql)
    }
    guard placeholders.count <= 65_535 else {
      throw WhatIfError.statementRefused(
        id: statement.id, sqlState: "", message: "it has a placeholder $\(placeholders.count)")
    }
    let known = statement.parameters ?? []
    if known.count >= placeholders.count {
      let values = known.prefix(placeholders.count).map(Self.literal)
      return try await execute(statement.sql, statement.searchPath, values, mode: "force_custom_plan")
    }
    // The planner takes an unknown LIMIT for a tenth of all rows; nobody asks for that many.
    var numbers: [Int: Int] = [:]
    let bounded = placeholders.replacing { occurrence in
      switch occurrence.place {
      case .limit: return .literal(Self.ordinaryLimit)
      case .offset: return .literal("0")
      case .value:
        if let drawn = statement.drawn[occurrence.number] { return .literal(SQLSpelling.literal(drawn)) }
        let number = numbers[occurrence.number] ?? numbers.count + 1
        numbers[occurrence.number] = number
        return .placeholder(number)
      }
    }
    guard !numbers.isEmpty else { return try await document("EXPLAIN (FORMAT JSON) " + bounded) }
    return try await execute(
      bounded, statement.searchPath, Array(repeating: "NULL", count: numbers.count), mode: "force_generic_plan")
  }

  private static func literal(_ parameter: ExecutionSample.Parameter) -> String {
    switch parameter {
    case .null, .hashed: "NULL"
    case .text(let text), .truncated(let text): SQLSpelling.literal(text)
    }
  }

  /// Plans a statement with placeholders: prepared, so that the server finds the parameters' types as it does for an
  /// application, and then executed in EXPLAIN.
  private func execute(
    _ sql: String, _ searchPath: [String], _ values: [String], mode: String
  ) async throws -> String {
    if state.withLock({ $0.planCacheMode != mode }) {
      try await connection.execute("SELECT pg_catalog.set_config('plan_cache_mode', $1, false)", [mode])
      state.withLock { $0.planCacheMode = mode }
    }
    let key = searchPath.joined(separator: "\u{1F}") + "\u{1E}" + sql
    let name: String
    if let known = state.withLock({ $0.prepared[key] }) {
      name = known
    } else {
      if state.withLock({ $0.prepared.count >= Self.preparedLimit }) {
        try await connection.execute("DEALLOCATE ALL")
        state.withLock { $0.prepared = [:] }
      }
      name = "pgassay_" + String(state.withLock { $0.prepared.count })
      try await connection.execute("PREPARE \(name) AS \(sql)")
      state.withLock { $0.prepared[key] = name }
    }
    return try await document("EXPLAIN (FORMAT JSON) EXECUTE \(name)(\(values.joined(separator: ", ")))")
  }

  private func document(_ sql: String) async throws -> String {
    let rows = try await connection.query(sql)
    return rows.first.flatMap { $0[0] } ?? ""
  }
}

import Model
import PlannerTwin
import PostgresClient
import Synchronization

/// Plans statements over one connection: sets the search path, fills or keeps the placeholders, reads the answer. What
/// has to be set first goes to the server together with the question.
final class StatementSession: Sendable {
  private struct Prepared {
    var name: String
    /// The number of changes of the set of indexes when its generic plan was made.
    var changes: Int
  }

  private struct State {
    var searchPath: [String] = []
    /// Prepared statements by their text and search path.
    var prepared: [String: Prepared] = [:]
    var nextNumber = 0
    var planCacheMode = ""
    var changes = 0
  }

  /// A statement that has to run before a question, and what is known once it has.
  private struct Step {
    var statement: PipelinedStatement
    var done: @Sendable (inout State) -> Void = { _ in }
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
    guard let step = searchPathStep(path) else { return }
    try await connection.execute(step.statement.sql, step.statement.parameters)
    state.withLock { step.done(&$0) }
  }

  private func searchPathStep(_ path: [String]) -> Step? {
    guard state.withLock({ $0.searchPath != path }) else { return nil }
    let statement =
      path.isEmpty
      ? PipelinedStatement("RESET search_path")
      : PipelinedStatement(
        "SELECT pg_catalog.set_config('search_path', $1, false)",
        [path.map(SQLSpelling.identifier).joined(separator: ", ")])
    return Step(statement: statement) { $0.searchPath = path }
  }

  /// Forgets what was prepared: the server refuses to run a statement whose columns have changed since.
  func forgetPrepared() async throws {
    let known = state.withLock { state in
      defer { state.prepared = [:] }
      return state.prepared.values.map(\.name).sorted()
    }
    for outcome in try await connection.pipeline(known.map { PipelinedStatement("DEALLOCATE \($0)") }) {
      _ = try outcome.get()
    }
  }

  /// Says that indexes came or went without `plan` being told.
  func indexesChanged() { state.withLock { $0.changes += 1 } }

  /// Plans a statement.
  ///
  /// - Parameters:
  ///   - change: makes the set of indexes what it is to be; nil where it is that already.
  ///   - changed: called once it is.
  func plan(
    _ statement: PlannableStatement, after change: PipelinedStatement? = nil,
    changed: @escaping @Sendable () -> Void = {}
  ) async throws -> PlannedStatement {
    var steps: [Step] = []
    if let change {
      steps.append(
        Step(statement: change) {
          $0.changes += 1
          changed()
        })
    }
    if let step = searchPathStep(statement.searchPath) { steps.append(step) }
    do {
      let question = try question(statement, isChanging: change != nil)
      let document = try await ask(steps + question.steps, question)
      let text = PlanText(document)
      guard let cost = text.totalCost else {
        throw WhatIfError.statementRefused(
          id: statement.id, sqlState: "", message: "the server's plan has no cost; it is a statement without a plan")
      }
      return PlannedStatement(
        totalCost: cost, usedIndexes: text.indexNames, document: document, parameters: question.parameters)
    } catch let error as PostgresError where error.isOfStatement {
      let detail = error.detail.map { " (\($0))" } ?? ""
      throw WhatIfError.statementRefused(
        id: statement.id, sqlState: error.sqlState ?? "", message: error.message + detail)
    }
  }

  /// Runs the steps and the question, one behind the other, and gives the document.
  private func ask(_ steps: [Step], _ question: Question) async throws -> String {
    var statements = steps.map(\.statement)
    if !question.hasPlaceholders, !steps.isEmpty { statements.append(PipelinedStatement(question.explain)) }
    let outcomes = try await connection.pipeline(statements)
    for (step, outcome) in zip(steps, outcomes) {
      _ = try outcome.get()
      state.withLock { step.done(&$0) }
    }
    if outcomes.count > steps.count { return Self.document(try outcomes[steps.count].get()) }
    return Self.document(
      question.hasPlaceholders
        ? try await connection.queryWithPlaceholders(question.explain) : try await connection.query(question.explain))
  }

  private static func document(_ rows: Rows) -> String { rows.first.flatMap { $0[0] } ?? "" }

  // MARK: Placeholders

  private struct Question {
    var steps: [Step] = []
    var explain: String
    var parameters: ParameterOrigin
    /// Whether they stand in `explain` for any values.
    var hasPlaceholders = false
  }

  private static let explain = "EXPLAIN (FORMAT JSON) "

  private func question(_ statement: PlannableStatement, isChanging: Bool) throws -> Question {
    let placeholders = Placeholders(statement.sql)
    guard placeholders.count > 0 else { return Question(explain: Self.explain + statement.sql, parameters: .none) }
    guard placeholders.count <= 65_535 else {
      throw WhatIfError.statementRefused(
        id: statement.id, sqlState: "", message: "it has a placeholder $\(placeholders.count)")
    }
    if let values = statement.parameters, values.count >= placeholders.count, !values.contains(where: \.isUnknown) {
      return executing(
        statement.sql, statement, values.prefix(placeholders.count).map(Self.literal), mode: "force_custom_plan",
        isChanging: isChanging, .recorded)
    }
    // A list of which the text keeps the first element alone is planned as a list. The planner takes an unknown LIMIT for
    // a tenth of all rows; nobody asks for that many.
    let listed = Placeholders(Placeholders.expandingLists(statement.sql, to: ParameterDraw.listLength))
    var numbers: [Int: Int] = [:]
    var isDrawn = false
    let bounded = listed.replacing { occurrence in
      switch occurrence.place {
      case .limit: return .literal(Self.ordinaryLimit)
      case .offset: return .literal("0")
      case .value:
        if let drawn = statement.drawn[occurrence.number] {
          isDrawn = true
          return .literal(SQLSpelling.literal(drawn))
        }
        let number = numbers[occurrence.number] ?? numbers.count + 1
        numbers[occurrence.number] = number
        return .placeholder(number)
      }
    }
    guard !numbers.isEmpty else {
      return Question(explain: Self.explain + bounded, parameters: isDrawn ? .drawn : .assumedLimit)
    }
    let origin: ParameterOrigin = isDrawn ? .partlyDrawn : .generic
    // From version 16 on the server is asked for it by name.
    if connection.serverVersion.major >= 16 {
      return Question(
        explain: "EXPLAIN (FORMAT JSON, GENERIC_PLAN) " + bounded, parameters: origin, hasPlaceholders: true)
    }
    return executing(
      bounded, statement, Array(repeating: "NULL", count: numbers.count), mode: "force_generic_plan",
      isChanging: isChanging, origin)
  }

  private static func literal(_ parameter: ExecutionSample.Parameter) -> String {
    switch parameter {
    case .null, .hashed: "NULL"
    case .text(let text), .truncated(let text): SQLSpelling.literal(text)
    }
  }

  /// A statement with placeholders: prepared, so that the server finds the parameters' types as it does for an
  /// application, and then executed in EXPLAIN.
  private func executing(
    _ sql: String, _ statement: PlannableStatement, _ values: [String], mode: String, isChanging: Bool,
    _ origin: ParameterOrigin
  ) -> Question {
    var steps: [Step] = []
    let key = statement.searchPath.joined(separator: "\u{1F}") + "\u{1E}" + sql
    let (isModeSet, known, changes) = state.withLock {
      ($0.planCacheMode == mode, $0.prepared[key], $0.changes + (isChanging ? 1 : 0))
    }
    if !isModeSet {
      steps.append(
        Step(statement: PipelinedStatement("SELECT pg_catalog.set_config('plan_cache_mode', $1, false)", [mode])) {
          $0.planCacheMode = mode
        })
    }
    // The server keeps a generic plan and does not notice that an index is hidden or shown: it must be made anew.
    let isStale = known.map { mode == "force_generic_plan" && $0.changes != changes } ?? false
    if let known, isStale { steps.append(forgetting(known.name, key)) }
    if let known, !isStale {
      return Question(
        steps: steps, explain: "\(Self.explain)EXECUTE \(known.name)(\(values.joined(separator: ", ")))",
        parameters: origin)
    }
    if !isStale,
      let oldest = state.withLock({ state in
        state.prepared.count < Self.preparedLimit
          ? nil : state.prepared.min { ($0.value.changes, $0.value.name) < ($1.value.changes, $1.value.name) }
      })
    {
      steps.append(forgetting(oldest.value.name, oldest.key))
    }
    let name = state.withLock {
      $0.nextNumber += 1
      return "pgassay_\($0.nextNumber)"
    }
    steps.append(
      Step(statement: PipelinedStatement("PREPARE \(name) AS \(sql)")) {
        $0.prepared[key] = Prepared(name: name, changes: changes)
      })
    return Question(
      steps: steps, explain: "\(Self.explain)EXECUTE \(name)(\(values.joined(separator: ", ")))", parameters: origin)
  }

  private func forgetting(_ name: String, _ key: String) -> Step {
    Step(statement: PipelinedStatement("DEALLOCATE \(name)")) { $0.prepared[key] = nil }
  }
}

extension PostgresError {
  /// Whether the statement is to blame, and not the connection, nor a file of the twin that is still to be made.
  fileprivate var isOfStatement: Bool {
    (kind == .server && sqlState != "58P01") || kind == .usage || kind == .noAnswer
  }
}

extension ExecutionSample.Parameter {
  /// A value that is not in the record, only its likeness to others.
  fileprivate var isUnknown: Bool { if case .hashed = self { true } else { false } }
}

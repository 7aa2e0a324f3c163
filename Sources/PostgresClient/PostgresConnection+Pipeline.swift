internal import CLibPQ
internal import Synchronization

/// A statement of a pipeline: see `PostgresConnection.pipeline`.
public struct PipelinedStatement: Sendable {
  public var sql: String
  /// Values of `$1`, `$2`, … as text.
  public var parameters: [String?]

  public init(_ sql: String, _ parameters: [String?] = []) {
    self.sql = sql
    self.parameters = parameters
  }
}

extension PostgresConnection {
  /// Statements that are under way at once. Their answers must fit into the socket's buffers while we send.
  private static let mostUnderWay = 100

  func runPipeline(_ statements: [PipelinedStatement], ticket: Ticket) throws -> [Result<Rows, PostgresError>] {
    var outcomes: [Result<Rows, PostgresError>] = []
    outcomes.reserveCapacity(statements.count)
    while outcomes.count < statements.count {
      if ticket.isCancelled.load(ordering: .acquiring) { throw CancellationError() }
      let next = outcomes.count
      try runPart(statements[next..<min(next + Self.mostUnderWay, statements.count)], &outcomes, ticket)
    }
    return outcomes
  }

  private func runPart(
    _ statements: ArraySlice<PipelinedStatement>, _ outcomes: inout [Result<Rows, PostgresError>], _ ticket: Ticket
  ) throws {
    guard let handle else { throw PostgresError(.lost, "it is closed", sql: statements.first?.sql, server: server) }
    let connection = handle.connection
    // A text that cannot be sent must be known before anything is.
    for statement in statements {
      try refuseNUL(statement.sql, sql: statement.sql)
      for case let value? in statement.parameters { try refuseNUL(value, sql: statement.sql) }
    }
    var names: [String?] = []
    for statement in statements {
      names.append(preparedName(of: statement.sql, statement.parameters))
      guard let name = names.last ?? nil, !prepared.contains(name) else { continue }
      do {
        try run(statement.sql, ticket: ticket, send: { PQsendPrepare($0, name, statement.sql, 0, nil) }) { _ in }
        prepared.insert(name)
      } catch let error as PostgresError where error.kind == .server {
        // Sent as it is, it fails in its place.
        names[names.count - 1] = nil
      }
    }
    guard PQenterPipelineMode(connection) == 1 else { throw failure(connection, statements.first?.sql ?? "") }
    do {
      for (statement, name) in zip(statements, names) {
        guard try sendStatement(connection, statement.sql, statement.parameters, prepared: name) == 1,
          PQpipelineSync(connection) == 1
        else { throw failure(connection, statement.sql) }
      }
      for statement in statements { outcomes.append(try outcome(of: statement.sql, handle, ticket)) }
    } catch {
      // Answers are outstanding: there is no clean way on.
      self.handle = nil
      throw error
    }
    guard PQexitPipelineMode(connection) == 1 else {
      self.handle = nil
      throw failure(connection, statements.last?.sql ?? "")
    }
    if ticket.isCancelled.load(ordering: .acquiring) { throw CancellationError() }
  }

  /// Everything that the server answers to one statement, up to its mark of synchronization.
  private func outcome(
    of sql: String, _ handle: LibPQHandle, _ ticket: Ticket
  ) throws -> Result<Rows, PostgresError> {
    let connection = handle.connection
    var wait = AnswerWait(limit: answerTimeout)
    var outcome = Result<Rows, PostgresError>.failure(PostgresError(.unexpectedResult, "no answer", sql: sql))
    while true {
      try awaitResult(handle, &wait, sql, ticket)
      // Nil stands between a statement's results and the mark.
      guard let result = PQgetResult(connection) else {
        guard PQstatus(connection) == CONNECTION_OK else { throw failure(connection, sql) }
        continue
      }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC:
        if !wait.isCancelDelivered() { throw noAnswer(sql) }
        return wait.hasTimedOut ? .failure(noAnswer(sql)) : outcome
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: outcome = .success(Rows(result, sql: sql))
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        throw PostgresError(.usage, "COPY with the client is not supported", sql: sql)
      default:
        let error = serverError(result, connection, sql)
        if error.kind == .lost { throw error }
        outcome = .failure(error)
      }
    }
  }
}

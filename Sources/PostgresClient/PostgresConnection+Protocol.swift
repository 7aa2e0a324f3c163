internal import CLibPQ
internal import Model
internal import Synchronization

/// One row as libpq holds it: valid only inside the call it is handed to.
public struct RowView {
  let result: OpaquePointer

  /// The value's bytes, UTF-8 where the database's encoding is known; nil for NULL. `place` counts from 0.
  public func withBytes<T>(_ place: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T? {
    precondition(place >= 0 && place < Int(PQnfields(result)), "column \(place) of \(PQnfields(result))")
    guard PQgetisnull(result, 0, Int32(place)) == 0, let start = PQgetvalue(result, 0, Int32(place)) else { return nil }
    return try body(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, 0, Int32(place)))))
  }

  /// The number of columns.
  public var count: Int { Int(PQnfields(result)) }
  public func name(_ place: Int) -> String { PQfname(result, Int32(place)).map { String(cString: $0) } ?? "" }
  /// The object id of a column's type.
  public func type(_ place: Int) -> UInt32 { PQftype(result, Int32(place)) }

  /// The value as text; nil for NULL.
  public subscript(place: Int) -> String? { withBytes(place) { String(decoding: $0, as: UTF8.self) } }
}

extension PostgresConnection {
  func rows(_ sql: String, _ parameters: [String?], ticket: Ticket) throws -> Rows {
    if let name = preparedName(of: sql, parameters) {
      if !prepared.contains(name) {
        try run(sql, ticket: ticket, send: { PQsendPrepare($0, name, sql, 0, nil) }) { _ in }
        prepared.insert(name)
      }
      do {
        return try rows(sql, ticket: ticket) { try sendStatement($0, sql, parameters, prepared: name) }
      } catch let error as PostgresError where error.sqlState == "26000" && !isInTransaction {
        // Someone's DEALLOCATE took it away (`invalid_sql_statement_name`).
        prepared.remove(name)
      }
    }
    return try rows(sql, ticket: ticket) { try sendStatement($0, sql, parameters) }
  }

  private func rows(
    _ sql: String, ticket: Ticket, send: (OpaquePointer) throws -> Int32
  ) throws -> Rows {
    var rows = Rows(columns: [], commandTag: "", affected: nil, sql: sql, cells: [], rowCount: 0)
    try run(sql, ticket: ticket, send: send) { result in rows = Rows(result, sql: sql) }
    return rows
  }

  /// The name under which the server keeps a statement, where the connection keeps statements: those with parameters,
  /// which are asked again and again with other values.
  func preparedName(of sql: String, _ parameters: [String?]) -> String? {
    guard keepsStatements, !parameters.isEmpty else { return nil }
    if let number = preparedNumbers[sql] { return "pgassay_kept_\(number)" }
    guard preparedNumbers.count < Self.mostKept else { return nil }
    preparedNumbers[sql] = preparedNumbers.count
    return "pgassay_kept_\(preparedNumbers.count - 1)"
  }

  /// Statements whose plans the server keeps for one connection; texts beyond are sent whole each time.
  private static let mostKept = 100

  func runScript(_ sql: String, ticket: Ticket) throws -> Rows {
    try rows(sql, ticket: ticket) { connection in
      try refuseNUL(sql, sql: sql)
      return PQsendQuery(connection, sql)
    }
  }

  func runSingle(_ sql: String, ticket: Ticket) throws -> Rows {
    try refuseNUL(sql, sql: sql)
    try run(sql, ticket: ticket, send: { PQsendPrepare($0, "", sql, 0, nil) }) { _ in }
    return try runScript(sql, ticket: ticket)
  }

  func stream(
    _ sql: String, _ parameters: [String?], ticket: Ticket, _ body: @Sendable (RowView) throws -> Void
  ) throws -> Int {
    var count = 0
    try run(
      sql, ticket: ticket,
      send: { connection in
        let sent = try sendStatement(connection, sql, parameters)
        return sent == 1 ? PQsetSingleRowMode(connection) : sent
      }
    ) { result in
      guard PQresultStatus(result) == PGRES_SINGLE_TUPLE else { return }
      count += 1
      try body(RowView(result: result))
    }
    return count
  }

  /// - Parameter prepared: the name that the server has it under; nil to send its text.
  func sendStatement(
    _ connection: OpaquePointer, _ sql: String, _ parameters: [String?], prepared: String? = nil
  ) throws -> Int32 {
    try refuseNUL(sql, sql: sql)
    for case let value? in parameters { try refuseNUL(value, sql: sql) }
    guard parameters.count <= 65_535 else {
      throw PostgresError(.usage, "\(parameters.count) parameters; a statement takes at most 65,535", sql: sql)
    }
    // One block for all values: each ends with a NUL, found again by its offset.
    var bytes: [UInt8] = []
    let offsets: [Int?] = parameters.map { value in
      guard let value else { return nil }
      let start = bytes.count
      bytes.append(contentsOf: value.utf8)
      bytes.append(0)
      return start
    }
    return bytes.withUnsafeBytes { block in
      let start = block.bindMemory(to: CChar.self).baseAddress
      let values = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
      guard let prepared else {
        return PQsendQueryParams(connection, sql, Int32(values.count), nil, values, nil, nil, 0)
      }
      return PQsendQueryPrepared(connection, prepared, Int32(values.count), values, nil, nil, 0)
    }
  }

  func refuseNUL(_ text: String, sql: String) throws(PostgresError) {
    if text.utf8.contains(0) {
      throw PostgresError(.usage, "PostgreSQL takes no text with a NUL byte", sql: sql)
    }
  }

  /// Sends, hands every good result to `take`, and drains the connection whatever happens, so that it can be used
  /// again. The first fault is thrown.
  func run(
    _ sql: String, ticket: Ticket, send: (OpaquePointer) throws -> Int32, take: (OpaquePointer) throws -> Void
  ) throws {
    guard let handle else { throw PostgresError(.lost, "it is closed", sql: sql, server: server) }
    let connection = handle.connection
    guard try send(connection) == 1 else { throw failure(connection, sql) }

    var wait = AnswerWait(limit: answerTimeout)
    while true {
      try awaitResult(handle, &wait, sql, ticket)
      guard let result = PQgetResult(connection) else { break }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
        guard wait.fault == nil else { continue }
        do { try take(result) } catch {
          wait.fault = error
          wait.cancel(connection)
        }
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        // There is no clean way on from here that costs less than a new connection.
        self.handle = nil
        throw PostgresError(.usage, "COPY with the client is not supported", sql: sql)
      default:
        let error = serverError(result, connection, sql)
        if error.kind == .lost { self.handle = nil }
        wait.fault = wait.fault ?? error
        if self.handle == nil { throw wait.fault ?? error }
      }
    }
    if !wait.isCancelDelivered() { self.handle = nil }
    if let error = wait.fault as? PostgresError, error.sqlState == "57014" {
      if ticket.isCancelled.load(ordering: .acquiring) { throw CancellationError() }
      if wait.hasTimedOut { throw noAnswer(sql) }
    }
    if let fault = wait.fault { throw fault }
  }

  /// Sleeps until the next result is whole. A cancelled task and the end of the time cancel the statement; a connection
  /// that is of no more use is given up.
  func awaitResult(_ handle: LibPQHandle, _ wait: inout AnswerWait, _ sql: String, _ ticket: Ticket) throws {
    let connection = handle.connection
    while PQisBusy(connection) == 1 {
      switch handle.wait(pipe, milliseconds: wait.milliseconds) {
      case .socket:
        if PQconsumeInput(connection) == 0 {
          let error = failure(connection, sql)
          self.handle = nil
          throw wait.fault ?? error
        }
      case .wakeUp:
        if ticket.isCancelled.load(ordering: .acquiring) { wait.cancel(connection) }
      case .timeout where !wait.isCancelling:
        wait.hasTimedOut = true
        wait.cancel(connection)
      case .timeout:
        self.handle = nil
        throw wait.fault ?? noAnswer(sql)
      case .failed(let reason):
        self.handle = nil
        throw wait.fault ?? PostgresError(.lost, reason, sql: sql, server: server)
      }
    }
  }

  func noAnswer(_ sql: String) -> PostgresError {
    let limit = answerTimeout.map { "within \($0.wholeMilliseconds) ms" } ?? "to the request to cancel"
    return PostgresError(.noAnswer, "none came " + limit, sql: sql, server: server)
  }

  func failure(_ connection: OpaquePointer, _ sql: String) -> PostgresError {
    let message = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    let isLost = PQstatus(connection) != CONNECTION_OK
    return PostgresError(isLost ? .lost : .usage, tidied(message, hiding: password), sql: sql, server: server)
  }

  func serverError(_ result: OpaquePointer, _ connection: OpaquePointer, _ sql: String) -> PostgresError {
    // After a FATAL report the server hangs up, which the socket may not show yet.
    let severity = ReportField.severity.text(in: result)
    let isLost = PQstatus(connection) != CONNECTION_OK || severity == "FATAL" || severity == "PANIC"
    let message =
      ReportField.message.text(in: result) ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
    return PostgresError(
      isLost ? .lost : .server, tidied(message, hiding: password), sqlState: ReportField.sqlState.text(in: result),
      detail: ReportField.detail.text(in: result).map { tidied($0, hiding: password) },
      hint: ReportField.hint.text(in: result).map { tidied($0, hiding: password) },
      position: ReportField.position.text(in: result).flatMap { Int($0) }, sql: sql,
      server: isLost ? server : nil)
  }
}

extension Rows {
  init(_ result: OpaquePointer, sql: String) {
    let width = PQnfields(result)
    let height = PQntuples(result)
    var cells: [String?] = []
    cells.reserveCapacity(Int(width) * Int(height))
    for row in 0..<height {
      for column in 0..<width {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
          cells.append(nil)
          continue
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        cells.append(String(decoding: bytes, as: UTF8.self))
      }
    }
    self.init(
      columns: (0..<width).map { PQfname(result, $0).map { String(cString: $0) } ?? "" },
      commandTag: PQcmdStatus(result).map { String(cString: $0) } ?? "",
      affected: PQcmdTuples(result).flatMap { Int(String(cString: $0)) }, sql: sql, cells: cells,
      rowCount: Int(height))
  }
}

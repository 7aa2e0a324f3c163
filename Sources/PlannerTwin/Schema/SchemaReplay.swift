import PostgresClient

/// Runs the steps of a schema in a twin, as a role without rights: one statement in each message, so that a text which
/// holds more is refused by the server.
///
/// Whatever an object needs stands before it where object ids tell so; a step that fails is tried again after the
/// others, as long as that gets any further.
struct SchemaReplay {
  var connection: PostgresConnection

  func run(_ steps: [SchemaStep]) async throws -> [LeftOut] {
    var waiting = steps
    var reasons: [String] = []
    var leftOut: [LeftOut] = []
    while !waiting.isEmpty {
      var failed: [SchemaStep] = []
      reasons = []
      for (step, reason) in try await attempt(waiting) {
        failed.append(step)
        reasons.append(reason)
      }
      if failed.count == waiting.count {
        // No step got further: the simpler forms, once each.
        var stuck: [(SchemaStep, String)] = []
        var hasChanged = false
        for (step, reason) in zip(failed, reasons) {
          guard let fallback = step.fallback else {
            stuck.append((step, reason))
            continue
          }
          hasChanged = true
          waiting = []
          leftOut.append(
            LeftOut(object: step.object, reason: "\(fallback.note) (\(reason))", name: step.name))
          stuck.append((SchemaStep(step.object, fallback.statements, name: step.name), reason))
        }
        guard hasChanged else {
          leftOut += stuck.map { LeftOut(object: $0.0.object, reason: $0.1, name: $0.0.name) }
          break
        }
        failed = stuck.map(\.0)
      }
      waiting = failed
    }
    return leftOut
  }

  /// Runs steps, and gives what is left of those that failed with the server's messages.
  ///
  /// Most steps are one statement: these are sent one behind the other, without waiting.
  private func attempt(_ steps: [SchemaStep]) async throws -> [(SchemaStep, String)] {
    var failed: [(SchemaStep, String)] = []
    var next = 0
    while next < steps.count {
      let singles = steps[next...].prefix { $0.statements.count == 1 }
      let outcomes = try await connection.pipeline(singles.map { PipelinedStatement($0.statements[0]) })
      for (step, outcome) in zip(singles, outcomes) {
        if case .failure(let error) = outcome { failed.append((step, try Self.reason(error))) }
      }
      next += singles.count
      guard next < steps.count else { break }
      var step = steps[next]
      next += 1
      if let reason = try await attempt(&step.statements) { failed.append((step, reason)) }
    }
    return failed
  }

  /// Runs statements and removes those that succeeded. The server's message when one fails.
  private func attempt(_ statements: inout [String]) async throws -> String? {
    while let statement = statements.first {
      do {
        try await connection.execute(statement)
        statements.removeFirst()
      } catch let error as PostgresError {
        return try Self.reason(error)
      }
    }
    return nil
  }

  private static func reason(_ error: PostgresError) throws -> String {
    guard error.isConnectionUsable else { throw error }
    return error.message + (error.detail.map { " (\($0))" } ?? "")
  }
}

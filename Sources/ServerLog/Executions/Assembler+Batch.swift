internal import Model
internal import Sketch

extension Assembler {
  /// Whether the batch should be committed before its place on the grid: memory is bounded for every log.
  var isFull: Bool {
    cells.count > 40_000 || events.cells.count > 40_000 || ledger.isFull
      || samples.bytes + plans.bytes + shapes.newBytes > Assembler.textLimit
  }

  /// Bytes of texts, samples and plans that a batch waits with at most.
  private static let textLimit = 8 << 20

  /// Sessions followed at most; of more, the ones silent longest are settled.
  private static let sessionLimit = 20_000

  mutating func forgetSilent() {
    for session in sessions.silent(keeping: Assembler.sessionLimit) {
      end(session)
    }
  }

  /// All that was summed up since the last batch, in an order that follows from the log alone.
  mutating func takeBatch() -> LogBatch {
    var batch = LogBatch()
    batch.statements = shapes.takeTexts()
    batch.cells = cells.cells.map { cell in
      MinuteCell(
        fingerprint: shapes.statements[cell.statement].fingerprint, dimensions: workloads.values[cell.workload],
        minute: cell.minute, calls: cell.calls, errors: cell.errors, untimed: cell.untimed,
        total: Microseconds(cell.total), longest: Microseconds(cell.longest), parse: Microseconds(cell.parse),
        bind: Microseconds(cell.bind), sketch: cell.sketch.encoded)
    }
    batch.samples = samples.take()
    batch.plans = plans.take()
    batch.events = events.cells.map { cell in
      let dimensions = workloads.values[cell.workload]
      return EventCell(
        category: cell.category, minute: cell.minute, sqlState: cell.sqlState, shape: cell.shape,
        database: dimensions.database, user: dimensions.user, application: dimensions.application,
        fingerprint: cell.statement.map { shapes.statements[$0].fingerprint }, count: cell.count,
        amount: cell.amount, sample: cell.sample)
    }
    batch.repetitions = repetitions.order.compactMap { key in
      guard let sums = repetitions.sums[key] else { return nil }
      return RepetitionCell(
        fingerprint: shapes.statements[key.statement].fingerprint, dimensions: workloads.values[key.workload],
        minute: key.minute, transactions: sums.transactions, executions: sums.executions, most: sums.most,
        total: Microseconds(sums.total))
    }
    batch.queryIDs = edges.takeNew(shapes)
    batch.lines = ledger.take(&sessions, format: family)
    cells.removeAll()
    events.removeAll()
    repetitions.removeAll()
    return batch
  }
}

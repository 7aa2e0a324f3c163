internal import CCBC
internal import Synchronization

/// Solves the selection as an integer program with COIN-OR's CBC, and says how far from the optimum the answer can be.
struct ExactSolver {
  let seconds: Double

  /// CBC keeps state of its own between models, so one is solved at a time.
  private static let turn = Mutex(())

  /// - Parameter start: a solution to begin from, also the answer where CBC finds none in time.
  func solve(_ problem: SelectionProblem, start: SelectionProblem.Solution) -> SelectionProblem.Solution {
    Self.turn.withLock { _ in run(problem, start) }
  }

  private func run(_ problem: SelectionProblem, _ start: SelectionProblem.Solution) -> SelectionProblem.Solution {
    let program = IntegerProgram(problem)
    guard program.columns > 0, let model = Cbc_newModel() else { return start }
    defer { Cbc_deleteModel(model) }
    Cbc_setLogLevel(model, 0)
    Cbc_setParameter(model, "logLevel", "0")
    program.load(into: model)
    Cbc_setMaximumSeconds(model, seconds)
    Cbc_setAllowableFractionGap(model, 1e-6)
    Cbc_solve(model)
    guard Cbc_isProvenInfeasible(model) == 0, let solution = Cbc_getColSolution(model) else { return start }
    let bound = Cbc_getBestPossibleObjValue(model) * program.scale + program.constant
    var chosen = CandidateSet()
    for (column, candidate) in program.candidates.enumerated() where solution[column] > 0.5 { chosen.insert(candidate) }
    let objective = problem.objective(chosen)
    guard problem.isAllowed(chosen), objective <= start.objective else {
      return .init(chosen: start.chosen, objective: start.objective, bound: min(bound, start.objective))
    }
    return .init(chosen: chosen, objective: objective, bound: min(bound, objective))
  }
}

/// The program in CBC's terms: a binary column for each candidate, then a continuous one for each plan that saves
/// something; at the optimum of fixed binaries the continuous ones are whole by themselves.
private struct IntegerProgram {
  /// The candidates of the first columns.
  let candidates: [Int]
  var columns: Int { objective.count }
  /// The objective without any candidate.
  let constant: Double
  /// CBC's tolerances suit numbers near one, so the objective is divided by this.
  let scale: Double

  private var objective: [Double] = []
  private var rows: [(entries: [(column: Int, value: Double)], lower: Double, upper: Double)] = []

  init(_ problem: SelectionProblem) {
    let candidates = problem.useful
    self.candidates = candidates
    let scale: Double
    let column = Dictionary(uniqueKeysWithValues: candidates.enumerated().map { ($1, $0) })
    let bases = problem.statements.map { problem.cost($0, CandidateSet()) }
    constant = bases.reduce(0, +)
    scale = max(constant, 1e-9) / 1_000
    self.scale = scale
    objective = candidates.map { problem.upkeep[$0] / scale }
    for (plans, base) in zip(problem.statements, bases) {
      var choice: [(Int, Double)] = []
      // Rows by candidate: all plans of the statement that use it, of which one at most is chosen.
      var users: [Int: [(Int, Double)]] = [:]
      for plan in plans where plan.cost < base && !plan.used.isEmpty {
        let number = objective.count
        objective.append((plan.cost - base) / scale)
        choice.append((number, 1))
        for member in plan.used.members { if let c = column[member] { users[c, default: []].append((number, 1)) } }
      }
      guard !choice.isEmpty else { continue }
      rows.append((choice, -.infinity, 1))
      for (c, entries) in users.sorted(by: { $0.key < $1.key }) { rows.append((entries + [(c, -1)], -.infinity, 0)) }
    }
    if let budget = problem.budget {
      let unit = 1_048_576.0
      rows.append(
        (
          candidates.indices.map { ($0, Double(problem.bytes[candidates[$0]]) / unit) }, -.infinity,
          Double(budget) / unit
        ))
    }
    for (_, members) in Dictionary(grouping: candidates.indices, by: { problem.table[candidates[$0]] })
      .sorted(by: { $0.key < $1.key }) where members.count > problem.tableLimit
    {
      rows.append((members.map { ($0, 1) }, -.infinity, Double(problem.tableLimit)))
    }
  }

  func load(into model: UnsafeMutableRawPointer) {
    // By columns, compressed.
    var byColumn: [[(row: Int, value: Double)]] = Array(repeating: [], count: columns)
    for (r, row) in rows.enumerated() { for entry in row.entries { byColumn[entry.column].append((r, entry.value)) } }
    var starts: [Int32] = [0]
    var indices: [Int32] = []
    var values: [Double] = []
    for entries in byColumn {
      for entry in entries {
        indices.append(Int32(entry.row))
        values.append(entry.value)
      }
      starts.append(Int32(indices.count))
    }
    Cbc_loadProblem(
      model, Int32(columns), Int32(rows.count), starts, indices, values, Array(repeating: 0, count: columns),
      Array(repeating: 1, count: columns), objective, rows.map(\.lower), rows.map(\.upper))
    for column in candidates.indices { Cbc_setInteger(model, Int32(column)) }
    Cbc_setObjSense(model, 1)
  }
}

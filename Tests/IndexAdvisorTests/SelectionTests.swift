import Testing

@testable import IndexAdvisor

@Suite struct SelectionTests {
  struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// Small enough to try every choice.
  func random(_ seed: UInt64, candidates: Int = 10, statements: Int = 8) -> SelectionProblem {
    var random = SplitMix(state: seed)
    let plans = (0..<statements).map { _ -> [SelectionProblem.Plan] in
      let base = Double.random(in: 10...1_000, using: &random)
      return [.init(used: CandidateSet(), cost: base)]
        + (0..<5).map { _ in
          let members = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            Int.random(in: 0..<candidates, using: &random)
          }
          return .init(used: CandidateSet(members), cost: base * Double.random(in: 0.05...1.1, using: &random))
        }
    }
    return SelectionProblem(
      statements: plans, bytes: (0..<candidates).map { _ in Int64.random(in: 1...50, using: &random) << 20 },
      upkeep: (0..<candidates).map { _ in Double.random(in: 0...40, using: &random) },
      table: (0..<candidates).map { _ in Int.random(in: 0..<3, using: &random) },
      budget: Bool.random(using: &random) ? 60 << 20 : nil, tableLimit: 3)
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `the exact answer is the best of all choices, and greedy is allowed and near`(seed: UInt64) {
    let problem = random(seed)
    var best = Double.infinity
    for mask in 0..<(1 << problem.bytes.count) {
      let choice = CandidateSet(problem.bytes.indices.filter { mask & (1 << $0) != 0 })
      if problem.isAllowed(choice) { best = min(best, problem.objective(choice)) }
    }
    let greedy = GreedySolver(problem).solve()
    #expect(problem.isAllowed(greedy.chosen))
    #expect(greedy.objective >= best - 1e-6)
    #expect(greedy.objective <= best * 1.1)
    let exact = ExactSolver(seconds: 10).solve(problem, start: greedy)
    #expect(problem.isAllowed(exact.chosen))
    #expect(abs(exact.objective - best) <= 1e-5 * best)
    #expect(exact.bound.map { $0 <= best * (1 + 1e-5) } == true)
  }

  @Test func `sets of candidates behave like sets`() {
    var random = SplitMix(state: 3)
    for _ in 0..<200 {
      let a = Set((0..<Int.random(in: 0..<20, using: &random)).map { _ in Int.random(in: 0..<200, using: &random) })
      let b = Set((0..<Int.random(in: 0..<20, using: &random)).map { _ in Int.random(in: 0..<200, using: &random) })
      #expect(CandidateSet(a).members == a.sorted())
      #expect(CandidateSet(a).union(CandidateSet(b)).members == a.union(b).sorted())
      #expect(CandidateSet(a).intersection(CandidateSet(b)).members == a.intersection(b).sorted())
      #expect(CandidateSet(a).isSubset(of: CandidateSet(b)) == a.isSubset(of: b))
      #expect(CandidateSet(a.intersection(b)).isSubset(of: CandidateSet(a)))
      if let some = a.min() { #expect(CandidateSet(a).removing(some) == CandidateSet(a.subtracting([some]))) }
    }
  }
}

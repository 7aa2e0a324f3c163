import Foundation
import Testing

@testable import Plans

/// Random damage to real plans: a parser may refuse, it may not crash, hang or lose its mind.
@Suite struct PlanFuzzTests {
  private struct Random {
    var state: UInt64
    /// SplitMix64.
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    mutating func below(_ count: Int) -> Int { count == 0 ? 0 : Int(next() % UInt64(count)) }
  }

  static let seeds: [[UInt8]] =
    [
      Array(PlanReaderTests.text.utf8), Array(PlanReaderTests.json.utf8),
      Array(PlanReaderTests.framed(PlanReaderTests.text.split(separator: "\n"), "aligned").utf8),
      Array(PlanReaderTests.framed(PlanReaderTests.json.split(separator: "\n"), "unicode-cell").utf8),
      Array(
        "- Plan: \n    Node Type: \"Sort\"\n    Sort Key: \n      - \"a, b\"\n    Plans: \n      - Node Type: \"Result\"\n        Actual Rows: 5\n  Planning Time: 0.1\n"
          .utf8),
      Array(
        "<explain><Query><Plan><Node-Type>Sort</Node-Type><Sort-Key><Item>a &lt; b</Item></Sort-Key><Plans><Plan><Node-Type>Result</Node-Type></Plan></Plans></Plan></Query></explain>"
          .utf8),
    ] + RecordedPlans.all.prefix(12).map(\.document)

  private static let pieces = [
    "\"", "'", "{", "}", "[", "]", ":", ",", "\n", "\t", "->", "  ", "(cost=", "(actual ", "..", "\\u", "\\", "<", ">",
    "</Plan>", "&#x", "- ", "Plan:", "Worker 0:  ", "Buffers: ", "1e999", "-", "\u{0}", "\u{ff}", "QUERY PLAN", "+",
    "|",
  ].map { Array($0.utf8) }

  @Test(arguments: 0..<24 as Range<UInt64>)
  func damagedPlansAreReadOrRefused(seed: UInt64) {
    var random = Random(state: seed)
    for _ in 0..<60 {
      var bytes = Self.seeds[random.below(Self.seeds.count)]
      for _ in 0..<(1 + random.below(6)) {
        let at = random.below(bytes.count)
        switch random.below(6) {
        case 0: if !bytes.isEmpty { bytes[at] = UInt8(truncatingIfNeeded: random.next()) }
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + random.below(40)))
        case 2: bytes.insert(contentsOf: Self.pieces[random.below(Self.pieces.count)], at: at)
        case 3: bytes = Array(bytes.prefix(at))
        case 4:
          bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + random.below(200))], at: random.below(bytes.count))
        default:
          let other = Self.seeds[random.below(Self.seeds.count)]
          bytes += other.suffix(random.below(other.count))
        }
      }
      guard let plans = try? PlanReader.plans(in: bytes) else { continue }
      // What was read must bear everything that is done with a plan.
      for plan in plans {
        _ = PlanRules.findings(in: plan)
        _ = PlanTree(AnalysedPlan(plan)).text(width: 80)
        _ = PlanDifference(plan, plans[0]).rows.count
      }
    }
  }

  @Test func numbersBeyondAllMeasureDoNotCrashAnything() throws {
    for number in ["1e308", "-1e308", "99999999999999999999999999", "0.000000000000000000000001", "-5"] {
      let json = """
        [{"Plan": {"Node Type": "Sort", "Relation Name": "t", "Alias": "t", "Plan Rows": \(number), "Plan Width": \(number),
        "Startup Cost": \(number), "Total Cost": \(number), "Actual Total Time": \(number), "Actual Rows": \(number),
        "Actual Loops": \(number), "Sort Space Used": \(number), "Sort Space Type": "Disk", "Temp Written Blocks": \(number),
        "Rows Removed by Filter": \(number), "Filter": "(a = 1)", "JIT": 5, "Hash Batches": \(number),
        "Disk Usage": \(number), "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "t",
        "Alias": "t", "Actual Loops": \(number), "Actual Rows": \(number), "Actual Total Time": \(number)}]},
        "Execution Time": \(number), "Planning Time": \(number)}]
        """
      let plan = try PlanReader.plan(in: json)
      _ = PlanRules.findings(in: plan)
      _ = PlanTree(AnalysedPlan(plan)).text()
    }
  }
}

public import Findings
import Model
import Plans

public enum PlanFlip: ReviewRule {
  static let ratio = 5.0
  static let changes = 2

  public static let description = RuleDescription(
    "query.plan-flip", title: "Plan that depends on its parameter",
    finds:
      "A statement with several plan shapes that took turns in the window, whose median times differ by at least the "
      + "factor below.",
    explanation:
      "Values of a column differ in frequency, and each gets the plan that suits it. Nothing may be wrong; but "
      + "one mean says nothing of such a statement, and a generic plan would be wrong for one of the values.",
    thresholds: [
      .init("slowest over fastest median", ratio, .ratio), .init("changes of the plan", Double(changes), .count),
    ])

  public static func findings(in input: ReviewInput) -> [Finding] {
    input.plans.sorted { $0.key < $1.key }.compactMap { fingerprint, plans in
      let inTime = plans.sorted { ($0.sample.at, $0.shape) < ($1.sample.at, $1.shape) }
      let turns = zip(inTime, inTime.dropFirst()).count { $0.shape != $1.shape }
      let shapes = Dictionary(grouping: inTime, by: \.shape).map { Shape(hash: $0, plans: $1) }
        .sorted { ($0.median, $0.hash) < ($1.median, $1.hash) }
      guard turns >= changes, let fast = shapes.first, let slow = shapes.last, fast.median > 0,
        slow.median / fast.median >= ratio
      else { return nil }
      var evidence: [Evidence] = [.quantity("turns", "Changes of the plan", turns, .count)]
      for (number, shape) in shapes.enumerated() {
        let tree = PlanTree(AnalysedPlan(shape.plans[0].plan))
        evidence.append(
          .text(
            "shape_\(number + 1)", "Plan \(Fingerprint(shape.hash))",
            "\(Figures.milliseconds(shape.median)) in the median of \(shape.plans.count) recorded"))
        evidence.append(
          .excerpt("plan_\(number + 1)", "Plan \(number + 1)", tree.rows.map { $0.branch + $0.title }))
        if let example = shape.example {
          evidence.append(
            .text("example_\(number + 1)", "Plan \(number + 1) for example with", example, showsValues: true))
        }
      }
      return Finding(
        rule: description.id, subject: input.subject(fingerprint),
        title: "\(shapes.count) plans take turns, \(Figures.milliseconds(fast.median)) and "
          + "\(Figures.milliseconds(slow.median)) in the median",
        severity: .notice, evidence: evidence + input.text(fingerprint),
        remedy: Remedy(
          "Judge the plans apart. Keep custom plans for this statement; where the slow values matter, give them a statement "
            + "or a summary of their own.",
          sql: ["SET plan_cache_mode = force_custom_plan;"], rollback: ["RESET plan_cache_mode;"],
          risk: "Every execution is planned anew; planning time is then paid each time."),
        confidence: .measured("plans and their times are recorded; that the parameter decides is the likely reading"))
    }
  }

  private struct Shape {
    var hash: UInt64
    var plans: [ReviewInput.RecordedPlan]
    var median: Double {
      let times = plans.map(\.sample.duration.milliseconds).sorted()
      return times[times.count / 2]
    }
    /// Parameters, or the text with its literals, of one execution.
    var example: String? { plans[0].plan.queryParameters ?? plans[0].plan.queryText }
  }
}

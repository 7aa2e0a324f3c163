public import Findings
import Model

/// A plan as the rules see it, with what they all need to say.
public struct PlanContext: Sendable {
  public let plan: AnalysedPlan
  public let subject: Subject

  public init(_ plan: Plan, subject: Subject? = nil) {
    self.plan = AnalysedPlan(plan)
    self.subject = subject ?? .plan(plan.shape)
  }

  var isExecuted: Bool { plan.plan.isExecuted }
  var nodes: [AnalysedPlan.Node] { plan.nodes }
  /// Nodes that ran at least once.
  var executed: [AnalysedPlan.Node] { isExecuted ? nodes.filter { $0.node.loops > 0 } : [] }
  /// Milliseconds of the whole execution; nil where it was not timed.
  var total: Double? { plan.totalMilliseconds }

  // MARK: Weights

  /// Findings that would bring back less than this share of the execution are not worth a reader's time.
  static let leastShare = 0.01
  /// From this share, and this many milliseconds, a finding is more than a remark.
  static let noticeShare = 0.05, noticeMilliseconds = 0.5
  static let warningShare = 0.2, warningMilliseconds = 10.0

  func share(_ milliseconds: Double) -> Double { total.map { $0 > 0 ? min(1, milliseconds / $0) : 0 } ?? 0 }

  func severity(_ milliseconds: Double) -> Severity {
    let share = share(milliseconds)
    if share >= Self.warningShare, milliseconds >= Self.warningMilliseconds { return .warning }
    if share >= Self.noticeShare, milliseconds >= Self.noticeMilliseconds { return .notice }
    return .info
  }

  // MARK: Making findings

  /// A finding about time that acting on it would give back, or nil where that is too little to speak of. In a plan that
  /// was not timed nothing is known of time, and the finding is a notice without one.
  func finding(
    _ rule: any PlanRule.Type, at node: AnalysedPlan.Node, title: String, recoverable: Double, low: Double? = nil,
    high: Double? = nil, evidence: [Evidence], remedy: Remedy, confidence: Confidence
  ) -> Finding? {
    var time: RecoverableTime?
    var severity = Severity.notice
    if plan.plan.isTimed || total != nil {
      guard share(recoverable) >= Self.leastShare else { return nil }
      time = RecoverableTime(recoverable, low: low, high: high, per: .execution)
      severity = self.severity(recoverable)
    }
    return make(
      rule, at: node, title: title, severity: severity, time: time, evidence: evidence, remedy: remedy,
      confidence: confidence)
  }

  /// A finding that is not about time.
  func remark(
    _ rule: any PlanRule.Type, at node: AnalysedPlan.Node, title: String, severity: Severity, evidence: [Evidence],
    remedy: Remedy, confidence: Confidence
  ) -> Finding {
    make(
      rule, at: node, title: title, severity: severity, time: nil, evidence: evidence, remedy: remedy,
      confidence: confidence)
  }

  private func make(
    _ rule: any PlanRule.Type, at node: AnalysedPlan.Node, title: String, severity: Severity, time: RecoverableTime?,
    evidence: [Evidence], remedy: Remedy, confidence: Confidence
  ) -> Finding {
    var all = evidence
    if let total, let time {
      all.append(.quantity("share", "Share of the execution", time.estimate / total, .fraction))
    }
    all.append(.excerpt("plan", "Where in the plan", excerpt(node)))
    return Finding(
      rule: rule.description.id, subject: subject, discriminator: node.path.isEmpty ? "root" : node.path, title: title,
      severity: severity, recoverable: time, evidence: all, remedy: remedy, confidence: confidence)
  }

  /// The node with its parent and its children, one line each, without values.
  private func excerpt(_ node: AnalysedPlan.Node) -> [String] {
    var lines: [String] = []
    var indent = ""
    if let parent = plan.parent(of: node) {
      lines.append(NodeText.line(parent.node))
      indent = "  "
    }
    lines.append(indent + NodeText.line(node.node))
    for key in PlanNode.conditionKeys {
      if let text = node.node.text(key) {
        lines.append(indent + "  " + key.name + ": " + ExpressionText.withoutValues(text))
      }
    }
    for child in plan.children(of: node).prefix(4) { lines.append(indent + "  " + NodeText.line(child.node)) }
    return lines
  }

  // MARK: Evidence

  static func own(_ node: AnalysedPlan.Node) -> Evidence? {
    node.exclusive.map { .quantity("own_time", "Time of the node itself", $0, .milliseconds) }
  }
  static func rows(_ key: String, _ label: String, _ rows: RowInterval) -> Evidence {
    .interval(key, label, rows.low, rows.high, .rows)
  }
  static func condition(_ node: AnalysedPlan.Node, _ key: PlanKey) -> [Evidence] {
    guard let text = node.node.text(key) else { return [] }
    return [
      .text("condition", key.name, ExpressionText.withoutValues(text)),
      .text("condition_with_values", key.name + " with its values", text, showsValues: true),
    ]
  }

  /// Kilobytes, as EXPLAIN prints memory and disk space, in bytes.
  static func kilobytes(_ key: String, _ label: String, _ kilobytes: Double) -> Evidence {
    .quantity(key, label, kilobytes * 1_024, .bytes)
  }

  // MARK: Quantities of nodes

  /// Rows that a counter printed as an average for each loop stands for in all.
  func rows(_ node: AnalysedPlan.Node, _ key: PlanKey) -> RowInterval {
    // These counters are whole numbers in every release (show_instrumentation_count).
    RowInterval(average: node.node.number(key), loops: node.loops, hasFractions: false)
  }

  /// Temporary blocks that the node itself wrote or read, without its children's.
  func ownTemporary(_ node: AnalysedPlan.Node) -> (read: Double, written: Double) {
    let children = plan.children(of: node)
    return (
      max(0, node.node.buffers.tempRead - children.reduce(0) { $0 + $1.node.buffers.tempRead }),
      max(0, node.node.buffers.tempWritten - children.reduce(0) { $0 + $1.node.buffers.tempWritten })
    )
  }

  static let blockBytes = 8_192.0

  /// A whole number for SQL, whatever a damaged plan holds.
  static func whole(_ value: Double) -> Int { value.isFinite ? Int(min(max(value.rounded(), 0), 1e15)) : 0 }

  /// Memory to ask for, in whole megabytes, at most what the server takes for `work_mem`.
  static func megabytes(kilobytes: Double) -> Int { min(max(1, whole((kilobytes / 1_024).rounded(.up))), 2_097_151) }

  /// A setting as the plan prints it, nil where it is at its default or was not asked for.
  func setting(_ name: String) -> String? { plan.plan.settings.first { $0.name == name }?.value }
}

public import Findings

/// P06
public enum HashBatches: PlanRule {
  static let batches = 1.0

  public static let description = RuleDescription(
    "plan.hash-batches", title: "Hash join in batches",
    finds: "A hash table that was split into more than one batch, or into more than planned.",
    explanation: "The table did not fit into work_mem × hash_mem_multiplier, so both sides of the join were written to "
      + "temporary files and read again. Growth beyond the planned number means that the estimate was too low.",
    thresholds: [.init("batches above", batches, .count)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let used = node.node.number(.hashBatches)
      guard node.node.type == .hash, used > batches, let join = plan.plan.parent(of: node) else { return nil }
      let planned = max(1, node.node.number(.originalHashBatches))
      let temporary = plan.ownTemporary(join)
      let below = plan.ownTemporary(node)
      let blocks = temporary.read + temporary.written + below.read + below.written
      let time = (join.exclusive ?? 0) + (node.exclusive ?? 0)
      let memory = node.node.number(.peakMemoryUsage)
      let needed = memory * used
      var evidence: [Evidence] = [
        .quantity("batches", "Batches", used, .count),
        .quantity("planned_batches", "Batches planned", planned, .count),
        PlanContext.kilobytes("memory", "Memory of one batch", memory),
        PlanContext.kilobytes("memory_needed", "Memory for one batch only, as an estimate", needed),
      ]
      if blocks > 0 {
        evidence.append(
          .quantity("temporary", "Temporary files written and read", blocks * PlanContext.blockBytes, .bytes))
      }
      if let work = plan.setting("work_mem") { evidence.append(.text("work_mem", "work_mem", work)) }
      let growth = used > planned ? ", \(Figures.factor(used / planned)) as many as planned" : ""
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(join.node)) hashes \(Figures.rows(low: node.rows.low, high: node.rows.high)) rows in "
          + "\(Figures.count(used)) batches\(growth)",
        recoverable: time * 0.4, low: 0, high: time, evidence: evidence,
        remedy: Remedy(
          used > planned
            ? "Correct the row estimate of the hashed side first; then give the statement more work_mem."
            : "Give this statement more work_mem, or hash fewer or narrower rows.",
          sql: ["SET LOCAL work_mem = '\(PlanContext.megabytes(kilobytes: needed))MB';"],
          rollback: ["RESET work_mem;"],
          risk: "Every sort and hash of every session that gets this setting may take as much memory."),
        confidence: .estimated("batches and memory are measured; two fifths of the join's time is taken for the files"))
    }
  }
}

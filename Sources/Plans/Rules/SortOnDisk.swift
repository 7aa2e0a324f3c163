public import Findings

/// P05
public enum SortOnDisk: PlanRule {
  /// Bytes that a row takes in memory more than on tape: its place in the array, headers, alignment. Between 61 and 68
  /// for rows of 0 to 200 bytes and 100,000 to 400,000 rows on PostgreSQL 15, by sorting them with little and much
  /// work_mem.
  static let memoryOverhead = 68.0
  /// Share of an external sort's time that the same sort takes in memory.
  static let inMemoryShare = 0.6

  public static let description = RuleDescription(
    "plan.sort-on-disk", title: "Sort on disk",
    finds: "A sort whose rows did not fit into work_mem (`Sort Method: external …`, or a group of an incremental sort "
      + "on disk).",
    explanation: "Runs are written to temporary files and merged. More work_mem for this statement, fewer or narrower "
      + "rows, or an index that gives the order, avoid that.",
    thresholds: [
      .init("memory needed for each row beside its space on disk", memoryOverhead, .bytes),
      .init("time of the same sort in memory", inMemoryShare, .fraction),
    ])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let disk = diskKilobytes(node.node)
      guard disk > 0 else { return nil }
      let own = node.exclusive ?? 0
      // Each execution and each process sorts its own rows.
      let input = plan.plan.children(of: node).first ?? node
      let rows = max(node.rows.middle / node.loops, input.rows.middle / max(1, input.loops))
      let needed = disk + rows * memoryOverhead / 1_024
      let keys = node.node.list(.sortKey).map(ExpressionText.withoutValues).joined(separator: ", ")
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) of \(Figures.rows(low: node.rows.low, high: node.rows.high)) rows spills "
          + "\(Figures.bytes(disk * 1_024)) to disk",
        recoverable: own * (1 - inMemoryShare), low: 0, high: own,
        evidence: [
          PlanContext.kilobytes("disk_space", "Sort space on disk", disk),
          PlanContext.kilobytes("memory_needed", "Memory that the sort would need, as an estimate", needed),
          .text("sort_key", "Sort key", keys),
          PlanContext.rows("rows", "Rows sorted", node.rows),
          plan.setting("work_mem").map { .text("work_mem", "work_mem", $0) },
          PlanContext.own(node),
        ].compactMap { $0 },
        remedy: Remedy(
          "Give this statement more work_mem, sort fewer or narrower rows, or let an index give the order.",
          sql: ["SET LOCAL work_mem = '\(PlanContext.megabytes(kilobytes: needed))MB';"], rollback: ["RESET work_mem;"],
          risk: "Every sort and hash of every session that gets this setting may take as much memory; set it for the "
            + "statement or its role, not for the server."),
        confidence: .estimated(
          "space on disk is measured; the memory needed is computed from it and the number of rows"))
    }
  }

  /// Kilobytes of the node, or of the worker that used most.
  static func diskKilobytes(_ node: PlanNode) -> Double {
    func disk(_ measures: NodeMeasures) -> Double {
      let sort = measures.text(.sortSpaceType) == "Disk" ? measures.number(.sortSpaceUsed) : 0
      return max(sort, measures.number(.fullSortDiskPeak), measures.number(.preSortedDiskPeak))
    }
    return node.workers.reduce(disk(node.measures)) { max($0, disk($1.measures)) }
  }
}

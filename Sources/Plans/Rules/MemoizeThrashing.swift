public import Findings

/// P11
public enum MemoizeThrashing: PlanRule {
  static let hitShare = 0.5
  static let lookups = 1_000.0

  public static let description = RuleDescription(
    "plan.memoize-thrashing", title: "Cache that does not help",
    finds:
      "A Memoize node with evictions or overflows, or with a hit ratio below the share below, after at least as many "
      + "lookups as below.",
    explanation:
      "Memoize keeps results of the inner side by key. When keys do not repeat, or the cache is too small for "
      + "them, it costs more than it saves: the planner overestimated how often keys repeat.",
    thresholds: [.init("hit ratio", hitShare, .fraction), .init("lookups", lookups, .count)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .memoize else { return nil }
      func sum(_ key: PlanKey) -> Double {
        node.node.workers.reduce(node.node.number(key)) { $0 + $1.measures.number(key) }
      }
      let (hits, misses) = (sum(.cacheHits), sum(.cacheMisses))
      let (evictions, overflows) = (sum(.cacheEvictions), sum(.cacheOverflows))
      let ratio = hits / max(1, hits + misses)
      guard hits + misses >= lookups, ratio < hitShare || overflows > 0 || evictions >= 0.1 * misses else { return nil }
      let own = node.exclusive ?? 0
      let below = plan.plan.children(of: node).reduce(0) { $0 + ($1.inclusive ?? 0) }
      // Evicted keys that come again are looked up again.
      let again = evictions > 0 ? below * min(1, evictions / max(1, misses)) : 0
      return plan.finding(
        Self.self, at: node,
        title: "Memoize answers \(Figures.share(ratio)) of \(Figures.count(hits + misses)) lookups",
        recoverable: own * (1 - ratio) + again * 0.5, low: 0, high: own + again,
        evidence: [
          .quantity("hits", "Hits", hits, .count), .quantity("misses", "Misses", misses, .count),
          .quantity("evictions", "Evictions", evictions, .count),
          .quantity("overflows", "Overflows", overflows, .count),
          PlanContext.kilobytes("memory", "Memory used", node.node.number(.peakMemoryUsage)),
          .text("cache_key", "Cache key", ExpressionText.withoutValues(node.node.text(.cacheKey) ?? "")),
          PlanContext.own(node),
        ].compactMap { $0 },
        remedy: evictions > 0 || overflows > 0
          ? Remedy(
            "Give the statement more work_mem for the cache.", sql: ["SET LOCAL work_mem = '64MB';"],
            rollback: ["RESET work_mem;"],
            risk: "Every sort and hash of every session that gets this setting may take as much memory.")
          : Remedy(
            "Correct the number of distinct keys that the planner expects (ANALYZE, ALTER TABLE … ALTER COLUMN … SET "
              + "(n_distinct = …)); to see the plan without the cache, switch it off for one session.",
            sql: ["SET enable_memoize = off;"], rollback: ["RESET enable_memoize;"],
            risk: "Other joins of the session lose their caches too."),
        confidence: .estimated("lookups are counted; the node's own time is taken for misses in proportion"))
    }
  }
}

public import Findings

/// One thing that can be wrong with a plan. A rule looks at one executed or planned tree and nothing else, so the same
/// plan always gives the same findings.
public protocol PlanRule: Sendable {
  static var description: RuleDescription { get }
  static func findings(in plan: PlanContext) -> [Finding]
}

/// The rules, and how a plan is judged by all of them.
public enum PlanRules {
  /// Every rule, in the order of the manual.
  public static let all: [any PlanRule.Type] = [
    RowMisestimate.self, FilterDiscards.self, IndexFilterDiscards.self, JoinFilterDiscards.self, JoinWithoutIndex.self,
    SortOnDisk.self,
    HashBatches.self, HashAggregateSpill.self, LossyBitmap.self, HeapFetches.self, NestedLoopBlowUp.self,
    MemoizeThrashing.self, WorkersNotLaunched.self, ParallelSkew.self, JITOverhead.self, PlanningTime.self,
    TriggerTime.self, LimitScanGamble.self, LargeOffset.self, AvoidableSort.self, CTEMaterialisedOnce.self,
    SubPlanPerRow.self, PartitionsNotPruned.self, TemporaryFiles.self, ColdReads.self, DirtiedBySelect.self,
    WALVolume.self, SerializationTime.self, ResultVolume.self, NeverExecuted.self, DisabledNode.self,
    GenericPlanMisestimate.self, RowSecurityFilter.self, FunctionOnColumn.self, CastOnColumn.self,
    LeadingWildcard.self, NotInSubquery.self, OrAcrossTables.self, VectorSort.self, VectorFilter.self,
    ImpreciseBRIN.self, IndexRecheck.self, ForeignScanFilter.self, RepeatedScan.self, IndexSearches.self,
  ]

  public static let descriptions: [RuleDescription] = all.map { $0.description }

  /// What all rules find, ranked: most recoverable time first.
  ///
  /// - Parameter subject: what the findings are about; the plan's shape where nothing better is known.
  public static func findings(in plan: Plan, subject: Subject? = nil) -> [Finding] {
    let context = PlanContext(plan, subject: subject)
    return all.flatMap { $0.findings(in: context) }.sorted()
  }
}

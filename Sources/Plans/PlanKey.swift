/// A property of a plan node by the server's own name, as EXPLAIN of PostgreSQL 13 to 18 prints it.
/// Source: src/backend/commands/explain.c. Names that are not here are kept as `UnknownProperty`.
public enum PlanKey: UInt8, Hashable, Sendable, CaseIterable, Codable {
  /// What kind of value the server prints for a key.
  enum Kind { case text, number, flag, list, nested }

  // Texts.
  case nodeType, strategy, partialMode, operation, parentRelationship, subplanName, customPlanProvider
  case relationName, schema, alias, indexName, scanDirection, cteName, functionName, tableFunctionName
  case tuplestoreName, joinType, command
  // Flags.
  case parallelAware, asyncCapable, disabled, innerUnique, singleCopy
  // Numbers.
  case startupCost, totalCost, planRows, planWidth, actualStartupTime, actualTotalTime, actualRows, actualLoops
  case sharedHitBlocks, sharedReadBlocks, sharedDirtiedBlocks, sharedWrittenBlocks, localHitBlocks
  case localReadBlocks, localDirtiedBlocks, localWrittenBlocks, tempReadBlocks, tempWrittenBlocks, ioReadTime
  case ioWriteTime, sharedIOReadTime, sharedIOWriteTime, localIOReadTime, localIOWriteTime, tempIOReadTime
  case tempIOWriteTime, walRecords, walFPI, walBytes, walBuffersFull
  // Texts.
  case indexCond, recheckCond, filter, joinFilter, hashCond, mergeCond, oneTimeFilter, tidCond, orderBy
  case runCondition, conflictFilter, window, cacheKey, cacheMode, functionCall, tableFunctionCall
  case conflictResolution, sortMethod, sortSpaceType, storage, samplingMethod, repeatableSeed, remoteSQL, relations
  // Lists of expressions or names.
  case output, sortKey, presortedKey, groupKey, conflictArbiterIndexes, samplingParameters, paramsEvaluated
  // Numbers.
  case rowsRemovedByFilter, rowsRemovedByJoinFilter, rowsRemovedByIndexRecheck, rowsRemovedByConflictFilter
  case heapFetches, exactHeapBlocks, lossyHeapBlocks, indexSearches, workersPlanned, workersLaunched
  case sortSpaceUsed, hashBuckets, originalHashBuckets, hashBatches, originalHashBatches, peakMemoryUsage
  case plannedPartitions, hashAggBatches, diskUsage, cacheHits, cacheMisses, cacheEvictions, cacheOverflows
  case subplansRemoved, tuplesInserted, tuplesUpdated, tuplesDeleted, tuplesSkipped, conflictingTuples
  case maximumStorage, batchSize, estimatedCapacity, estimatedDistinctLookupKeys, estimatedHitPercent
  case fullSortGroupCount
  // Lists of expressions or names.
  case fullSortMethods
  // Numbers.
  case fullSortMemoryAverage, fullSortMemoryPeak, fullSortDiskAverage, fullSortDiskPeak, preSortedGroupCount
  // Lists of expressions or names.
  case preSortedMethods
  // Numbers.
  case preSortedMemoryAverage, preSortedMemoryPeak, preSortedDiskAverage, preSortedDiskPeak
  // Groups, and keys of groups.
  case plans, workers, groupingSets, fullSortGroups, preSortedGroups, targetTables, workerNumber, jit, plan
  case planning, planningTime, executionTime, triggers, settings, queryText, queryParameters, queryIdentifier
  case serialization

  /// The server's name: `Rows Removed by Filter`.
  public var name: String { Self.names[Int(rawValue)] }

  var kind: Kind {
    switch self {
    case .parallelAware, .asyncCapable, .disabled, .innerUnique, .singleCopy: .flag
    case .output, .sortKey, .presortedKey, .groupKey, .conflictArbiterIndexes, .samplingParameters, .paramsEvaluated,
      .fullSortMethods, .preSortedMethods:
      .list
    case .plans, .workers, .groupingSets, .fullSortGroups, .preSortedGroups, .targetTables, .workerNumber, .jit,
      .plan, .planning, .planningTime, .executionTime, .triggers, .settings, .queryText, .queryParameters,
      .queryIdentifier, .serialization:
      .nested
    case .startupCost, .totalCost, .planRows, .planWidth, .actualStartupTime, .actualTotalTime, .actualRows,
      .actualLoops, .sharedHitBlocks, .sharedReadBlocks, .sharedDirtiedBlocks, .sharedWrittenBlocks,
      .localHitBlocks, .localReadBlocks, .localDirtiedBlocks, .localWrittenBlocks, .tempReadBlocks,
      .tempWrittenBlocks, .ioReadTime, .ioWriteTime, .sharedIOReadTime, .sharedIOWriteTime, .localIOReadTime,
      .localIOWriteTime, .tempIOReadTime, .tempIOWriteTime, .walRecords, .walFPI, .walBytes, .walBuffersFull,
      .rowsRemovedByFilter, .rowsRemovedByJoinFilter, .rowsRemovedByIndexRecheck, .rowsRemovedByConflictFilter,
      .heapFetches, .exactHeapBlocks, .lossyHeapBlocks, .indexSearches, .workersPlanned, .workersLaunched,
      .sortSpaceUsed, .hashBuckets, .originalHashBuckets, .hashBatches, .originalHashBatches, .peakMemoryUsage,
      .plannedPartitions, .hashAggBatches, .diskUsage, .cacheHits, .cacheMisses, .cacheEvictions, .cacheOverflows,
      .subplansRemoved, .tuplesInserted, .tuplesUpdated, .tuplesDeleted, .tuplesSkipped, .conflictingTuples,
      .maximumStorage, .batchSize, .estimatedCapacity, .estimatedDistinctLookupKeys, .estimatedHitPercent,
      .fullSortGroupCount, .fullSortMemoryAverage, .fullSortMemoryPeak, .fullSortDiskAverage, .fullSortDiskPeak,
      .preSortedGroupCount, .preSortedMemoryAverage, .preSortedMemoryPeak, .preSortedDiskAverage,
      .preSortedDiskPeak:
      .number
    default: .text
    }
  }

  /// In the order of the cases.
  private static let names: [String] = [
    "Node Type", "Strategy", "Partial Mode", "Operation", "Parent Relationship", "Subplan Name",
    "Custom Plan Provider", "Relation Name", "Schema", "Alias", "Index Name", "Scan Direction", "CTE Name",
    "Function Name", "Table Function Name", "Tuplestore Name", "Join Type", "Command", "Parallel Aware",
    "Async Capable", "Disabled", "Inner Unique", "Single Copy", "Startup Cost", "Total Cost", "Plan Rows",
    "Plan Width", "Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops", "Shared Hit Blocks",
    "Shared Read Blocks", "Shared Dirtied Blocks", "Shared Written Blocks", "Local Hit Blocks", "Local Read Blocks",
    "Local Dirtied Blocks", "Local Written Blocks", "Temp Read Blocks", "Temp Written Blocks", "I/O Read Time",
    "I/O Write Time", "Shared I/O Read Time", "Shared I/O Write Time", "Local I/O Read Time", "Local I/O Write Time",
    "Temp I/O Read Time", "Temp I/O Write Time", "WAL Records", "WAL FPI", "WAL Bytes", "WAL Buffers Full",
    "Index Cond", "Recheck Cond", "Filter", "Join Filter", "Hash Cond", "Merge Cond", "One-Time Filter", "TID Cond",
    "Order By", "Run Condition", "Conflict Filter", "Window", "Cache Key", "Cache Mode", "Function Call",
    "Table Function Call", "Conflict Resolution", "Sort Method", "Sort Space Type", "Storage", "Sampling Method",
    "Repeatable Seed", "Remote SQL", "Relations", "Output", "Sort Key", "Presorted Key", "Group Key",
    "Conflict Arbiter Indexes", "Sampling Parameters", "Params Evaluated", "Rows Removed by Filter",
    "Rows Removed by Join Filter",
    "Rows Removed by Index Recheck", "Rows Removed by Conflict Filter", "Heap Fetches", "Exact Heap Blocks",
    "Lossy Heap Blocks", "Index Searches", "Workers Planned", "Workers Launched", "Sort Space Used", "Hash Buckets",
    "Original Hash Buckets", "Hash Batches", "Original Hash Batches", "Peak Memory Usage", "Planned Partitions",
    "HashAgg Batches", "Disk Usage", "Cache Hits", "Cache Misses", "Cache Evictions", "Cache Overflows",
    "Subplans Removed", "Tuples Inserted", "Tuples Updated", "Tuples Deleted", "Tuples Skipped",
    "Conflicting Tuples", "Maximum Storage", "Batch Size", "Estimated Capacity", "Estimated Distinct Lookup Keys",
    "Estimated Hit Percent", "Full-sort Group Count", "Full-sort Methods", "Full-sort Memory Average",
    "Full-sort Memory Peak", "Full-sort Disk Average", "Full-sort Disk Peak", "Pre-sorted Group Count",
    "Pre-sorted Methods", "Pre-sorted Memory Average", "Pre-sorted Memory Peak", "Pre-sorted Disk Average",
    "Pre-sorted Disk Peak", "Plans", "Workers", "Grouping Sets", "Full-sort Groups", "Pre-sorted Groups",
    "Target Tables", "Worker Number", "JIT", "Plan", "Planning", "Planning Time", "Execution Time", "Triggers",
    "Settings", "Query Text", "Query Parameters", "Query Identifier", "Serialization",
  ]
}

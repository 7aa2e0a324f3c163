/// A number of pg_stat_statements that only ever grows while its entry lives.
///
/// Durations are whole nanoseconds (the server measures nanoseconds and prints milliseconds), blocks are the server's
/// blocks (8 kB unless built otherwise), `walBytes` bytes.
public enum StatementCounter: Int, CaseIterable, Sendable, Hashable {
  case calls, plans, rows
  case execTime, planTime
  case sharedHit, sharedRead, sharedDirtied, sharedWritten
  case localHit, localRead, localDirtied, localWritten
  case tempRead, tempWritten
  /// Before extension 1.11 the two `shared` times hold the local blocks' as well.
  case sharedReadTime, sharedWriteTime, localReadTime, localWriteTime, tempReadTime, tempWriteTime
  case walRecords, walFullPageImages, walBytes, walBuffersFull
  case jitFunctions, jitGenerationTime, jitInliningCount, jitInliningTime, jitOptimizationCount, jitOptimizationTime
  case jitEmissionCount, jitEmissionTime, jitDeformCount, jitDeformTime
  case parallelWorkersToLaunch, parallelWorkersLaunched
  case genericPlanCalls, customPlanCalls

  public static let count = allCases.count

  /// Whether the column holds milliseconds with a fraction, which we keep as nanoseconds.
  public var isTime: Bool {
    switch self {
    case .execTime, .planTime, .sharedReadTime, .sharedWriteTime, .localReadTime, .localWriteTime, .tempReadTime,
      .tempWriteTime, .jitGenerationTime, .jitInliningTime, .jitOptimizationTime, .jitEmissionTime, .jitDeformTime:
      true
    default: false
    }
  }

  /// The column's names, the newest first. Sources: `pg_stat_statements--1.7--1.8.sql` (PostgreSQL 13: `total_time`
  /// becomes `total_exec_time`; plans and WAL), `--1.9--1.10.sql` (15: temporary I/O times, JIT), `--1.10--1.11.sql`
  /// (17: `blk_read_time` becomes `shared_blk_read_time`; local times, deforming, `stats_since`), `--1.11--1.12.sql`
  /// (18: full WAL buffers, parallel workers), `--1.12--1.13.sql` (19: generic and custom plans).
  public var columns: [String] {
    switch self {
    case .calls: ["calls"]
    case .plans: ["plans"]
    case .rows: ["rows"]
    case .execTime: ["total_exec_time", "total_time"]
    case .planTime: ["total_plan_time"]
    case .sharedHit: ["shared_blks_hit"]
    case .sharedRead: ["shared_blks_read"]
    case .sharedDirtied: ["shared_blks_dirtied"]
    case .sharedWritten: ["shared_blks_written"]
    case .localHit: ["local_blks_hit"]
    case .localRead: ["local_blks_read"]
    case .localDirtied: ["local_blks_dirtied"]
    case .localWritten: ["local_blks_written"]
    case .tempRead: ["temp_blks_read"]
    case .tempWritten: ["temp_blks_written"]
    case .sharedReadTime: ["shared_blk_read_time", "blk_read_time"]
    case .sharedWriteTime: ["shared_blk_write_time", "blk_write_time"]
    case .localReadTime: ["local_blk_read_time"]
    case .localWriteTime: ["local_blk_write_time"]
    case .tempReadTime: ["temp_blk_read_time"]
    case .tempWriteTime: ["temp_blk_write_time"]
    case .walRecords: ["wal_records"]
    case .walFullPageImages: ["wal_fpi"]
    case .walBytes: ["wal_bytes"]
    case .walBuffersFull: ["wal_buffers_full"]
    case .jitFunctions: ["jit_functions"]
    case .jitGenerationTime: ["jit_generation_time"]
    case .jitInliningCount: ["jit_inlining_count"]
    case .jitInliningTime: ["jit_inlining_time"]
    case .jitOptimizationCount: ["jit_optimization_count"]
    case .jitOptimizationTime: ["jit_optimization_time"]
    case .jitEmissionCount: ["jit_emission_count"]
    case .jitEmissionTime: ["jit_emission_time"]
    case .jitDeformCount: ["jit_deform_count"]
    case .jitDeformTime: ["jit_deform_time"]
    case .parallelWorkersToLaunch: ["parallel_workers_to_launch"]
    case .parallelWorkersLaunched: ["parallel_workers_launched"]
    case .genericPlanCalls: ["generic_plan_calls"]
    case .customPlanCalls: ["custom_plan_calls"]
    }
  }

  /// The times that make up JIT compilation.
  public static let jitTimes: [StatementCounter] = [
    .jitGenerationTime, .jitInliningTime, .jitOptimizationTime, .jitEmissionTime,
  ]
}

/// Which counters a source has: extension versions differ in their columns.
public struct CounterSet: Hashable, Sendable {
  public var bits: UInt64

  public init(bits: UInt64 = 0) { self.bits = bits }

  public init(_ counters: [StatementCounter]) {
    self.init()
    for counter in counters { insert(counter) }
  }

  public func contains(_ counter: StatementCounter) -> Bool { bits & (1 << UInt64(counter.rawValue)) != 0 }
  public mutating func insert(_ counter: StatementCounter) { bits |= 1 << UInt64(counter.rawValue) }
  public func intersection(_ other: CounterSet) -> CounterSet { CounterSet(bits: bits & other.bits) }
}

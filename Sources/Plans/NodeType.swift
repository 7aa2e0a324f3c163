/// A plan node's type by its name in the structured formats: `Seq Scan`, `Aggregate`, `ModifyTable`.
public struct NodeType: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  public let name: String

  public init(_ name: String) { self.name = name }
  public init(stringLiteral value: StaticString) { name = value.description }

  public var description: String { name }

  public static let aggregate: NodeType = "Aggregate"
  public static let append: NodeType = "Append"
  public static let bitmapAnd: NodeType = "BitmapAnd"
  public static let bitmapHeapScan: NodeType = "Bitmap Heap Scan"
  public static let bitmapIndexScan: NodeType = "Bitmap Index Scan"
  public static let bitmapOr: NodeType = "BitmapOr"
  public static let cteScan: NodeType = "CTE Scan"
  public static let customScan: NodeType = "Custom Scan"
  public static let foreignScan: NodeType = "Foreign Scan"
  public static let functionScan: NodeType = "Function Scan"
  public static let gather: NodeType = "Gather"
  public static let gatherMerge: NodeType = "Gather Merge"
  public static let group: NodeType = "Group"
  public static let hash: NodeType = "Hash"
  public static let hashJoin: NodeType = "Hash Join"
  public static let incrementalSort: NodeType = "Incremental Sort"
  public static let indexOnlyScan: NodeType = "Index Only Scan"
  public static let indexScan: NodeType = "Index Scan"
  public static let limit: NodeType = "Limit"
  public static let lockRows: NodeType = "LockRows"
  public static let materialize: NodeType = "Materialize"
  public static let memoize: NodeType = "Memoize"
  public static let mergeAppend: NodeType = "Merge Append"
  public static let mergeJoin: NodeType = "Merge Join"
  public static let modifyTable: NodeType = "ModifyTable"
  public static let namedTuplestoreScan: NodeType = "Named Tuplestore Scan"
  public static let nestedLoop: NodeType = "Nested Loop"
  public static let projectSet: NodeType = "ProjectSet"
  public static let recursiveUnion: NodeType = "Recursive Union"
  public static let result: NodeType = "Result"
  public static let sampleScan: NodeType = "Sample Scan"
  public static let seqScan: NodeType = "Seq Scan"
  public static let setOp: NodeType = "SetOp"
  public static let sort: NodeType = "Sort"
  public static let subqueryScan: NodeType = "Subquery Scan"
  public static let tableFunctionScan: NodeType = "Table Function Scan"
  public static let tidRangeScan: NodeType = "Tid Range Scan"
  public static let tidScan: NodeType = "Tid Scan"
  public static let unique: NodeType = "Unique"
  public static let valuesScan: NodeType = "Values Scan"
  public static let windowAgg: NodeType = "WindowAgg"
  public static let workTableScan: NodeType = "WorkTable Scan"

  /// Every type of PostgreSQL 13 to 18.
  static let known: [NodeType] = [
    aggregate, append, bitmapAnd, bitmapHeapScan, bitmapIndexScan, bitmapOr, cteScan, customScan, foreignScan,
    functionScan, gather, gatherMerge, group, hash, hashJoin, incrementalSort, indexOnlyScan, indexScan, limit,
    lockRows, materialize, memoize, mergeAppend, mergeJoin, modifyTable, namedTuplestoreScan, nestedLoop, projectSet,
    recursiveUnion, result, sampleScan, seqScan, setOp, sort, subqueryScan, tableFunctionScan, tidRangeScan, tidScan,
    unique, valuesScan, windowAgg, workTableScan,
  ]
}

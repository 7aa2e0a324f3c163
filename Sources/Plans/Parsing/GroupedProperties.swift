/// The keys under which the groups of an incremental sort are kept.
struct SortGroupKeys {
  let count: PlanKey, methods: PlanKey
  let memoryAverage: PlanKey, memoryPeak: PlanKey, diskAverage: PlanKey, diskPeak: PlanKey

  init(_ key: PlanKey) {
    if key == .fullSortGroups {
      (count, methods) = (.fullSortGroupCount, .fullSortMethods)
      (memoryAverage, memoryPeak) = (.fullSortMemoryAverage, .fullSortMemoryPeak)
      (diskAverage, diskPeak) = (.fullSortDiskAverage, .fullSortDiskPeak)
    } else {
      (count, methods) = (.preSortedGroupCount, .preSortedMethods)
      (memoryAverage, memoryPeak) = (.preSortedMemoryAverage, .preSortedMemoryPeak)
      (diskAverage, diskPeak) = (.preSortedDiskAverage, .preSortedDiskPeak)
    }
  }

  /// `group` is `Sort Space Memory` or `Sort Space Disk`, `name` the key inside it.
  func set(group: String, _ name: String, _ value: String, into measures: inout NodeMeasures) {
    let isDisk = group.hasSuffix("Disk")
    guard let number = Double(value) else { return }
    switch name {
    case "Average Sort Space Used": measures.set(isDisk ? diskAverage : memoryAverage, number: number)
    case "Peak Sort Space Used": measures.set(isDisk ? diskPeak : memoryPeak, number: number)
    default: measures.unknown.append(UnknownProperty(name: group + "." + name, value: value))
    }
  }
}

extension JITUsage {
  /// Takes one scalar of the `JIT` group by its path: `Options.Inlining`, `Timing.Generation.Deform`.
  mutating func set(_ path: String, _ value: String) {
    let number = Double(value) ?? 0
    switch path {
    case "Functions": functions = number
    case "Options.Inlining": inlining = value == "true"
    case "Options.Optimization": optimization = value == "true"
    case "Options.Expressions": expressions = value == "true"
    case "Options.Deforming": deforming = value == "true"
    case "Timing.Generation", "Timing.Generation.Total": generation = number
    case "Timing.Generation.Deform": deform = number
    case "Timing.Inlining": inliningTime = number
    case "Timing.Optimization": optimizationTime = number
    case "Timing.Emission": emission = number
    case "Timing.Total": total = number
    default: break
    }
  }
}

extension PlanNode {
  /// A target of ModifyTable as the text format names it: `schema.relation alias`.
  static func targetName(schema: String?, relation: String, alias: String?) -> String {
    var name = (schema.map { $0 + "." } ?? "") + relation
    if let alias, alias != relation { name += " " + alias }
    return name
  }
}

/// The lines of the text format that say several things at once.
extension NodeMeasures {
  /// Takes the property `name: value`. Returns the key under which a text was kept, for lines that continue it.
  mutating func setTextProperty(
    _ name: String, _ value: ArraySlice<UInt8>, whole: ArraySlice<UInt8>, type: NodeType
  ) -> PlanKey? {
    func number(_ bytes: ArraySlice<UInt8>) -> Double {
      var scanner = TextScanner(bytes)
      return scanner.number() ?? 0
    }
    switch name {
    case "Buffers", "I/O Timings": buffers.set(name, text: value)
    case "WAL":
      for pair in value.split(separator: UInt8(ascii: " ")) {
        var pair = TextScanner(pair)
        if pair.take("records=") { wal.records = pair.number() ?? 0 }
        if pair.take("fpi=") { wal.fullPageImages = pair.number() ?? 0 }
        if pair.take("bytes=") { wal.bytes = pair.number() ?? 0 }
        if pair.take("full=") { wal.buffersFull = pair.number() ?? 0 }
      }
    case "Heap Blocks":
      for pair in value.split(separator: UInt8(ascii: " ")) {
        var pair = TextScanner(pair)
        if pair.take("exact=") { set(.exactHeapBlocks, number: pair.number() ?? 0) }
        if pair.take("lossy=") { set(.lossyHeapBlocks, number: pair.number() ?? 0) }
      }
    case "Tuples":
      for pair in value.split(separator: UInt8(ascii: " ")) {
        var pair = TextScanner(pair)
        if pair.take("inserted=") { set(.tuplesInserted, number: pair.number() ?? 0) }
        if pair.take("updated=") { set(.tuplesUpdated, number: pair.number() ?? 0) }
        if pair.take("deleted=") { set(.tuplesDeleted, number: pair.number() ?? 0) }
        if pair.take("skipped=") { set(.tuplesSkipped, number: pair.number() ?? 0) }
      }
    case "Sort Method":
      for (key, value) in TextScanner.pairs(whole) {
        if key == "Sort Method" {
          put(.sortMethod, .text(String(decoding: value, as: UTF8.self)))
        } else {
          put(.sortSpaceType, .text(key))
          set(.sortSpaceUsed, number: number(value))
        }
      }
    case "Full-sort Groups", "Pre-sorted Groups":
      let keys = SortGroupKeys(name == "Full-sort Groups" ? .fullSortGroups : .preSortedGroups)
      for (key, value) in TextScanner.pairs(whole) {
        switch key {
        case name: set(keys.count, number: number(value))
        case "Sort Method", "Sort Methods": put(keys.methods, .list(TextScanner.list(value)))
        case "Average Memory": set(keys.memoryAverage, number: number(value))
        case "Peak Memory": set(keys.memoryPeak, number: number(value))
        case "Average Disk": set(keys.diskAverage, number: number(value))
        case "Peak Disk": set(keys.diskPeak, number: number(value))
        default: unknown.append(UnknownProperty(name: key, value: String(decoding: value, as: UTF8.self)))
        }
      }
    case "Buckets", "Batches", "Planned Partitions", "Hits":
      for (key, value) in TextScanner.pairs(whole) {
        var scanner = TextScanner(value)
        let first = scanner.number() ?? 0
        let original = scanner.take(" (originally ") ? scanner.number() ?? first : first
        switch key {
        case "Buckets":
          set(.hashBuckets, number: first)
          set(.originalHashBuckets, number: original)
        case "Batches" where type == .hash:
          set(.hashBatches, number: first)
          set(.originalHashBatches, number: original)
        case "Batches": set(.hashAggBatches, number: first)
        case "Memory Usage": set(.peakMemoryUsage, number: first)
        case "Disk Usage": set(.diskUsage, number: first)
        case "Planned Partitions": set(.plannedPartitions, number: first)
        case "Hits": set(.cacheHits, number: first)
        case "Misses": set(.cacheMisses, number: first)
        case "Evictions": set(.cacheEvictions, number: first)
        case "Overflows": set(.cacheOverflows, number: first)
        default: unknown.append(UnknownProperty(name: key, value: String(decoding: value, as: UTF8.self)))
        }
      }
    case "Storage":
      for (key, value) in TextScanner.pairs(whole) {
        if key == "Storage" {
          put(.storage, .text(String(decoding: value, as: UTF8.self)))
        } else {
          set(.maximumStorage, number: number(value))
        }
      }
    default:
      let text = String(decoding: value, as: UTF8.self)
      guard let key = PlanKeyTable.shared.key(name) else {
        unknown.append(UnknownProperty(name: name, value: text))
        return nil
      }
      switch key.kind {
      case .number: set(key, number: number(value))
      case .list: put(key, .list(TextScanner.list(value)))
      case .text:
        put(key, .text(text))
        return key
      case .flag, .nested: unknown.append(UnknownProperty(name: name, value: text))
      }
    }
    return nil
  }
}

extension PlanNode {
  mutating func setTextProperty(_ name: String, _ value: ArraySlice<UInt8>, whole: ArraySlice<UInt8>) -> PlanKey? {
    switch name {
    case "Inner Unique", "Single Copy", "Disabled":
      if let key = PlanKeyTable.shared.key(name) { set(key, flag: value.elementsEqual("true".utf8)) }
      return nil
    case "Hash Key", "Sort Key", "Group Key":
      guard type == .aggregate else { return measures.setTextProperty(name, value, whole: whole, type: type) }
      // One `Group Key` is a plain grouping; more lines, or other keys, are grouping sets.
      let line = String(decoding: whole, as: UTF8.self)
      set(.groupingSets, list: list(.groupingSets) + [line])
      return nil
    case "Sampling":
      guard let open = value.firstIndex(of: UInt8(ascii: "(")) else { return nil }
      set(.samplingMethod, text: String(decoding: TextScanner.trimmed(value[..<open]), as: UTF8.self))
      var parameters = value[(open + 1)...]
      if let repeatable = TextScanner.lastIndex(of: ") REPEATABLE (", in: parameters) {
        set(
          .repeatableSeed,
          text: String(decoding: parameters[(repeatable + 14)..<(parameters.endIndex - 1)], as: UTF8.self))
        parameters = parameters[..<repeatable]
      } else {
        parameters = parameters.dropLast()
      }
      set(.samplingParameters, list: TextScanner.list(parameters))
      return nil
    default: return measures.setTextProperty(name, value, whole: whole, type: type)
    }
  }

  /// Settles what only all lines of a node together tell.
  mutating func completeText() {
    let sets = list(.groupingSets)
    if type == .aggregate, sets.count == 1, let line = sets.first, line.hasPrefix("Group Key: "),
      line != "Group Key: ()"
    {
      measures.properties.removeAll { $0.key == .groupingSets }
      set(.groupKey, list: TextScanner.list(ArraySlice(line.utf8.dropFirst(11))))
    }
  }
}

extension BufferUsage {
  /// Takes `Buffers: shared hit=1 read=2, temp written=3` or `I/O Timings: shared read=1.5`. Before PostgreSQL 15 the
  /// timings have no word before them and mean shared and local blocks.
  mutating func set(_ name: String, text: ArraySlice<UInt8>) {
    var kind = "shared"
    for word in text.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ",") }) {
      guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else {
        kind = String(decoding: word, as: UTF8.self)
        continue
      }
      var scanner = TextScanner(word[(equals + 1)...])
      let number = scanner.number() ?? 0
      let what = String(decoding: word[..<equals], as: UTF8.self)
      if name == "Buffers" {
        switch (kind, what) {
        case ("shared", "hit"): sharedHit = number
        case ("shared", "read"): sharedRead = number
        case ("shared", "dirtied"): sharedDirtied = number
        case ("shared", "written"): sharedWritten = number
        case ("local", "hit"): localHit = number
        case ("local", "read"): localRead = number
        case ("local", "dirtied"): localDirtied = number
        case ("local", "written"): localWritten = number
        case ("temp", "read"): tempRead = number
        case ("temp", "written"): tempWritten = number
        default: break
        }
      } else if name == "I/O Timings" {
        switch (kind, what) {
        case ("shared", "read"), ("shared/local", "read"): sharedReadTime = number
        case ("shared", "write"), ("shared/local", "write"): sharedWriteTime = number
        case ("local", "read"): localReadTime = number
        case ("local", "write"): localWriteTime = number
        case ("temp", "read"): tempReadTime = number
        case ("temp", "write"): tempWriteTime = number
        default: break
        }
      }
    }
  }
}

internal import Bytes
internal import Model
internal import SQLText

/// From hashes of names and tags to `WorkloadDimensions`, numbered in the order of first appearance.
struct WorkloadTable: ~Copyable {
  private var byHash = HashTable(capacity: 1024)
  private(set) var values: ContiguousArray<WorkloadDimensions> = []
  private(set) var hashes: ContiguousArray<UInt64> = []
  /// Whether an execution was logged with its duration.
  private(set) var isTimed: ContiguousArray<Bool> = []
  private var masker = StatementMasker()
  private var scratch = ScratchBytes()
  private var tagSets = 0
  /// Sets of tags told apart at most: a tag that differs on every request would make a cell of every execution.
  private static let tagLimit = 20_000

  /// What the prefix shows for a name that is not known yet, in the languages of the log.
  private let unknown: [String]

  init(unknown: [String]) { self.unknown = unknown }

  /// The number of an entry's dimensions with the tags of its statement.
  @inline(__always)
  mutating func number(_ block: EntryBlock, _ entry: borrowing LogEntry, _ escaping: Escaping) -> Int {
    let hash = entry.tags == 0 ? entry.dimensions : ByteHash.combine(entry.dimensions, entry.tags)
    if let known = byHash.find(hash) { return Int(known) }
    return add(hash, block, entry, escaping)
  }

  /// The same, with what the session's connection said in place of what the entry does not show.
  mutating func number(
    _ block: EntryBlock, _ entry: borrowing LogEntry, _ escaping: Escaping, _ names: SessionNames
  ) -> Int {
    let dimensions = ByteHash.combine(entry.dimensions, names.hash)
    let hash = entry.tags == 0 ? dimensions : ByteHash.combine(dimensions, entry.tags)
    if let known = byHash.find(hash) { return Int(known) }
    return add(hash, block, entry, escaping, names)
  }

  private mutating func add(
    _ hash: UInt64, _ block: EntryBlock, _ entry: borrowing LogEntry, _ escaping: Escaping,
    _ names: SessionNames? = nil
  ) -> Int {
    // The prefix shows `[unknown]` before authentication, where the other formats have nothing.
    func name(_ slice: ByteSlice) -> String {
      let text = escaping.string(block.slice(slice))
      return unknown.contains(text) ? "" : text
    }
    var value = WorkloadDimensions(
      database: name(entry.database), user: name(entry.user), application: name(entry.application))
    if let names {
      if value.database.isEmpty { value.database = names.database }
      if value.user.isEmpty { value.user = names.user }
      if value.application.isEmpty { value.application = names.application }
    }
    if entry.tags != 0 {
      tagSets += 1
      if tagSets <= WorkloadTable.tagLimit {
        scratch.removeAll()
        if entry.kind == .plan {
          var plan = ScratchBytes()
          escaping.decode(block.slice(entry.text), into: &plan)
          _ = PlanDocument.queryText(plan.bytes, into: &scratch)
        } else {
          escaping.decode(block.slice(entry.text), into: &scratch)
        }
        if let range = masker.mask(scratch.bytes).tags { value.tags = CommenterTags.canonical(scratch.bytes, range) }
      } else {
        value.tags = WorkloadTable.otherTags
      }
    }
    return insert(hash, value)
  }

  /// A value read back from a reader's state.
  mutating func insert(_ hash: UInt64, _ value: WorkloadDimensions) -> Int {
    if let known = byHash.find(hash) { return Int(known) }
    let number = values.count
    byHash.insert(hash, Int32(number))
    values.append(value)
    hashes.append(hash)
    isTimed.append(false)
    return number
  }

  @inline(__always)
  mutating func setTimed(_ number: Int) {
    if !isTimed[number] { isTimed[number] = true }
  }

  /// Stands for all sets of tags beyond the limit.
  static let otherTags = "other='too%20many%20different%20tags'"
}

/// Whom `ALTER DATABASE … SET` and `ALTER ROLE … SET` tell how to log: one log may have databases with durations and
/// others with nothing but plans.
struct SettingsOwner: Hashable, Comparable {
  let database: String
  let user: String

  init(database: String, user: String) {
    self.database = database
    self.user = user
  }

  init(_ dimensions: WorkloadDimensions) { self.init(database: dimensions.database, user: dimensions.user) }

  static func < (a: SettingsOwner, b: SettingsOwner) -> Bool { (a.database, a.user) < (b.database, b.user) }
}

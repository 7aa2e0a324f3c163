/// Recognises statements, one after another: the mask, a lookup, and the shared catalog for shapes that are new to this
/// reader. One reader serves one thread; make one for each worker, all on the same catalog.
///
/// ```swift
/// var reader = StatementReader(catalog)
/// let statement = reader.read(text)         // UnsafeRawBufferPointer, nothing is copied
/// cells[statement.known.fingerprint] …
/// ```
public struct StatementReader: ~Copyable {
  private var masker = StatementMasker()
  private let catalog: StatementCatalog
  private var keys: KeyTable

  public init(_ catalog: StatementCatalog) {
    self.catalog = catalog
    keys = KeyTable()
  }

  /// One statement, recognised.
  public struct Reading: Sendable {
    public var known: KnownStatement
    /// Where the text holds sqlcommenter tags; read it with `CommenterTags`.
    public var tags: Range<Int>?
    /// The text holds blanks, comments and semicolons only.
    public var isEmpty: Bool
  }

  /// - Parameter isTruncated: whether the source cut the text off (the caller compares its length with the source's
  ///   limit). Such a text is known by its mask, never by what the parser makes of its remains.
  public mutating func read(_ text: UnsafeRawBufferPointer, isTruncated: Bool = false) -> Reading {
    let masked = masker.mask(text)
    let key = isTruncated ? masked.key ^ 0x9E37_79B9_7F4A_7C15 : masked.key
    if let known = keys[key] { return Reading(known: known, tags: masked.tags, isEmpty: masked.isEmpty) }
    let known = catalog.statement(key, text, isTruncated: isTruncated)
    keys.insert(key, known)
    return Reading(known: known, tags: masked.tags, isEmpty: masked.isEmpty)
  }
}

/// A hash table from masked keys, which are hashes already, to statements: open addressing, emptied when it has grown
/// to its limit.
private struct KeyTable {
  private struct Slot {
    var key: UInt64
    var statement: KnownStatement?
  }

  private static let limit = 1 << 17
  private var slots: [Slot]
  private var count = 0

  init() { slots = Array(repeating: Slot(key: 0, statement: nil), count: 1 << 10) }

  subscript(key: UInt64) -> KnownStatement? {
    @inline(__always) get {
      let mask = slots.count - 1
      var i = Int(truncatingIfNeeded: key) & mask
      while let statement = slots[i].statement {
        if slots[i].key == key { return statement }
        i = (i + 1) & mask
      }
      return nil
    }
  }

  mutating func insert(_ key: UInt64, _ statement: KnownStatement) {
    if count * 2 >= slots.count {
      let old = slots.count >= Self.limit * 2 ? [] : slots
      slots = Array(repeating: Slot(key: 0, statement: nil), count: min(slots.count * 2, Self.limit * 2))
      count = 0
      for slot in old { if let statement = slot.statement { insert(slot.key, statement) } }
    }
    let mask = slots.count - 1
    var i = Int(truncatingIfNeeded: key) & mask
    while slots[i].statement != nil { i = (i + 1) & mask }
    slots[i] = Slot(key: key, statement: statement)
    count += 1
  }
}

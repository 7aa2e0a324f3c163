internal import Bytes
internal import SQLText

/// Masked keys of statements, one instance for each worker.
///
/// A prepared statement comes again and again with the same bytes, so the keys of the last texts are remembered by a
/// hash of the raw bytes: the masker sees a text again only when its place in the table was taken meanwhile.
struct StatementKeys: ~Copyable {
  struct Key {
    var shape: UInt64
    /// Sum of the hashes of the tags without tracing ids, the same for every order of the tags; zero for none.
    var tags: UInt64
  }

  private struct Slot {
    var raw: UInt64
    var key: Key
  }

  private static let places = 1 << 13

  private var masker = StatementMasker()
  private var scratch = ScratchBytes()
  private let slots: UnsafeMutablePointer<Slot>

  init() {
    slots = .allocate(capacity: StatementKeys.places)
    slots.initialize(repeating: Slot(raw: 0, key: Key(shape: 0, tags: 0)), count: StatementKeys.places)
  }

  deinit { slots.deallocate() }

  /// The key of a statement that is escaped as its format escapes.
  @inline(__always)
  mutating func key(_ p: UnsafeRawPointer, _ text: ByteSlice, _ escaping: Escaping) -> Key {
    let base = p + Int(text.start)
    let count = Int(text.count)
    let raw = ByteHash.hash(base, count: count)
    let place = Int(truncatingIfNeeded: raw >> 32) & (StatementKeys.places - 1)
    if slots[place].raw == raw { return slots[place].key }
    let key: Key
    if escaping.isPlain(base, count) {
      key = masked(UnsafeRawBufferPointer(start: base, count: count))
    } else {
      scratch.removeAll()
      escaping.decode(UnsafeRawBufferPointer(start: base, count: count), into: &scratch)
      key = masked(scratch.bytes)
    }
    slots[place] = Slot(raw: raw, key: key)
    return key
  }

  /// The key of a statement that needs no decoding.
  mutating func masked(_ text: UnsafeRawBufferPointer) -> Key {
    let mask = masker.mask(text)
    guard let tags = mask.tags else { return Key(shape: mask.key, tags: 0) }
    return Key(shape: mask.key, tags: StatementKeys.hash(tags, in: text))
  }

  private static func hash(_ range: Range<Int>, in text: UnsafeRawBufferPointer) -> UInt64 {
    var sum: UInt64 = 0
    CommenterTags.forEach(in: text, range) { pair in
      let key = UnsafeRawBufferPointer(rebasing: text[pair.key])
      guard !isTracing(key) else { return }
      let value = UnsafeRawBufferPointer(rebasing: text[pair.value])
      sum &+= ByteHash.combine(ByteHash.hash(key), ByteHash.hash(value, seed: 1))
    }
    return sum
  }

  /// `traceparent` or `tracestate`: new on every execution, so no dimension.
  private static func isTracing(_ key: UnsafeRawBufferPointer) -> Bool {
    guard let p = key.baseAddress else { return false }
    return key.count == parent.count && parent.matches(p, 0, key.count)
      || key.count == state.count && state.matches(p, 0, key.count)
  }

  private static let parent = Phrase("traceparent")
  private static let state = Phrase("tracestate")
}

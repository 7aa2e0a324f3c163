import Glibc

/// The constant ends of the prefixes of the processes seen last, with what they say.
final class PrefixMemo {
  private struct Place {
    var process: Int64 = -1
    var count = 0
    var session: UInt64 = 0
    /// Relative to the start of the bytes.
    var user = ByteSlice.none
    var database = ByteSlice.none
    var application = ByteSlice.none
    var backend = ByteSlice.none
    var start = ByteSlice.none
  }

  private static let places = 512
  private static let room = 192

  private let slots: UnsafeMutablePointer<Place>
  private let bytes: UnsafeMutableRawPointer

  init() {
    slots = .allocate(capacity: PrefixMemo.places)
    slots.initialize(repeating: Place(), count: PrefixMemo.places)
    bytes = .allocate(byteCount: PrefixMemo.places * PrefixMemo.room, alignment: 16)
  }

  deinit {
    slots.deallocate()
    bytes.deallocate()
  }

  @inline(__always)
  private func place(_ process: Int64) -> Int { Int(truncatingIfNeeded: process) & (PrefixMemo.places - 1) }

  /// How many bytes at `position` are the remembered end of the process's prefix; zero where it is another.
  @inline(__always)
  func match(_ p: UnsafeRawPointer, _ position: Int, _ end: Int, _ fields: inout PrefixMatcher.Fields) -> Int {
    let place = place(fields.process)
    let count = slots[place].count
    guard slots[place].process == fields.process, end - position >= count,
      memcmp(p + position, bytes + place * PrefixMemo.room, count) == 0
    else { return 0 }
    if fields.session == 0 { fields.session = slots[place].session }
    let base = UInt32(truncatingIfNeeded: position)
    fields.user = ByteSlice(start: slots[place].user.start + base, count: slots[place].user.count)
    fields.database = ByteSlice(start: slots[place].database.start + base, count: slots[place].database.count)
    fields.application = ByteSlice(start: slots[place].application.start + base, count: slots[place].application.count)
    fields.backend = ByteSlice(start: slots[place].backend.start + base, count: slots[place].backend.count)
    fields.start = ByteSlice(start: slots[place].start.start + base, count: slots[place].start.count)
    return count
  }

  /// Remembers the bytes from `position` to `end` and what was found in them.
  func remember(_ p: UnsafeRawPointer, _ position: Int, _ end: Int, _ fields: PrefixMatcher.Fields) {
    let count = end - position
    guard count > 0, count <= PrefixMemo.room, fields.process > 0 else { return }
    // What stands before the constant end is not in it.
    func relative(_ slice: ByteSlice) -> ByteSlice? {
      if slice.isEmpty { return ByteSlice(start: 0, count: 0) }
      guard Int(slice.start) >= position else { return nil }
      return ByteSlice(start: slice.start - UInt32(truncatingIfNeeded: position), count: slice.count)
    }
    guard let user = relative(fields.user), let database = relative(fields.database),
      let application = relative(fields.application), let backend = relative(fields.backend),
      let start = relative(fields.start)
    else { return }
    let place = place(fields.process)
    (bytes + place * PrefixMemo.room).copyMemory(from: p + position, byteCount: count)
    slots[place] = Place(
      process: fields.process, count: count, session: fields.session, user: user, database: database,
      application: application, backend: backend, start: start)
  }
}

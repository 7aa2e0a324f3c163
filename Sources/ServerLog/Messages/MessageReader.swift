/// Tells what an entry's message says, and finds the duration and the statement in it.
struct MessageReader {
  /// The log's own language first, then English.
  private let tables: Immortal<MessageTable>

  init(tables: [MessageTable]) { self.tables = MessageTable.shared(tables) }

  /// Fills `kind`, `duration` and `text` of an entry whose `message` is set.
  @inline(__always)
  func read(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    // Only LOG entries hold durations and statements. A user's RAISE LOG may imitate one, but then it has a CONTEXT.
    guard entry.severity == .log else { return }
    let start = Int(entry.message.start)
    let end = entry.message.end
    guard end > start else { return }
    let first = p.load(fromByteOffset: start, as: UInt8.self)
    var i = 0
    while i < tables.count {
      var j = 0
      while j < tables[i].durations.count {
        if tables[i].durations[j].lead.matches(p, start, end) {
          let number = start + tables[i].durations[j].lead.count
          if readDuration(p, &entry, tables[i].durations[j].forms, number, end) { return }
        }
        j += 1
      }
      j = 0
      while j < tables[i].starts.count {
        if tables[i].starts[j].phrase.first == first, apply(tables[i].starts[j], p, &entry, start, end) { return }
        j += 1
      }
      i += 1
    }
  }

  @inline(__always)
  private func readDuration(
    _ p: UnsafeRawPointer, _ entry: inout LogEntry, _ forms: Immortal<MessageTable.DurationForm>, _ from: Int,
    _ end: Int
  ) -> Bool {
    var i = from
    var milliseconds: Int64 = 0
    while i < end {
      let digit = p.load(fromByteOffset: i, as: UInt8.self) &- 0x30
      guard digit < 10 else { break }
      milliseconds = milliseconds &* 10 &+ Int64(digit)
      i += 1
    }
    guard i > from, i - from < 15 else { return false }
    var microseconds = milliseconds * 1000
    if i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: ".") {
      i += 1
      var unit: Int64 = 100
      while i < end {
        let digit = p.load(fromByteOffset: i, as: UInt8.self) &- 0x30
        guard digit < 10 else { break }
        microseconds += Int64(digit) * unit
        unit /= 10
        i += 1
      }
    }
    // auto_explain's words are in no catalogue: always English.
    if MessageReader.plan.matches(p, i, end) {
      entry.kind = .plan
      entry.duration = microseconds
      entry.text = ByteSlice(i + MessageReader.plan.count, end)
      return true
    }
    var j = 0
    while j < forms.count {
      if apply(forms[j], p, &entry, i, end) {
        entry.duration = microseconds
        return true
      }
      j += 1
    }
    return false
  }

  @inline(__always)
  private func apply(
    _ form: MessageTable.DurationForm, _ p: UnsafeRawPointer, _ entry: inout LogEntry, _ at: Int, _ end: Int
  ) -> Bool {
    guard form.phrase.matches(p, at, end) else { return false }
    var text = at + form.phrase.count
    if form.kind == .bareDuration {
      guard text == end else { return false }
    } else if form.isNamed {
      // A statement's and a portal's name have up to 63 bytes each; farther away stands the statement itself.
      guard let separator = form.separator.find(p, text, min(end, text + 192)) else { return false }
      text = separator + form.separator.count
    }
    entry.kind = form.kind
    entry.text = ByteSlice(text, end)
    return true
  }

  private static let plan = Phrase(" ms  plan:")
}

/// Tells what an entry's message says, and finds the duration and the statement in it.
struct MessageReader {
  /// The log's own language first, then English.
  let tables: [MessageTable]

  /// Fills `kind`, `duration` and `text` of an entry whose `message` is set.
  @inline(__always)
  func read(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    // Only LOG entries hold durations and statements. A user's RAISE LOG may imitate one, but then it has a CONTEXT.
    guard entry.severity == .log else { return }
    let start = Int(entry.message.start)
    let end = entry.message.end
    for table in tables {
      if table.durationLead.matches(p, start, end) {
        if readDuration(p, &entry, table, start + table.durationLead.count, end) { return }
      } else {
        for form in table.startForms where form.phrase.first == p.load(fromByteOffset: start, as: UInt8.self) {
          if apply(form, p, &entry, start, end) { return }
        }
      }
    }
  }

  @inline(__always)
  private func readDuration(
    _ p: UnsafeRawPointer, _ entry: inout LogEntry, _ table: MessageTable, _ from: Int, _ end: Int
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
    for form in table.durationForms where apply(form, p, &entry, i, end) {
      entry.duration = microseconds
      return true
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
      guard let separator = form.separator.find(p, text, end) else { return false }
      text = separator + form.separator.count
    }
    entry.kind = form.kind
    entry.text = ByteSlice(text, end)
    return true
  }

  private static let plan = Phrase(" ms  plan:")
}

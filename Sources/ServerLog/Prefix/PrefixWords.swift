/// What `%i` and `%b` can be: both may hold blanks, and so the blank behind them does not tell where they end.
enum PrefixWords {
  /// The end of the longest text at `from` that can be the value of such a field; `from` where none is.
  static func end(of field: LinePrefix.Field, _ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
    var start = from
    // Padding on the left.
    skipBlanks(p, &start, end)
    switch field {
    case .backendType:
      for i in 0..<backendTypes.count where backendTypes[i].matches(p, start, end) {
        return start + backendTypes[i].count
      }
      return from
    case .commandTag:
      var stop = start
      while true {
        let word = wordEnd(p, stop, end)
        guard word > stop, isOfTag(p, stop, word) else { return stop > start ? stop - 1 : from }
        guard word < end else { return word }
        stop = word + 1
      }
    default: return from
    }
  }

  /// As `GetBackendTypeDesc` (miscinit.c) and the server's own background workers name them, 13 to 18; the longer before
  /// those that begin alike.
  private static let backendTypes = Immortal(
    [
      "client backend", "autovacuum launcher", "autovacuum worker", "parallel worker", "background worker",
      "background writer", "dead-end client backend", "logical replication launcher",
      "logical replication parallel worker", "logical replication apply worker", "logical replication tablesync worker",
      "logical replication worker", "standalone backend", "slotsync worker", "stats collector", "io worker",
      "not initialized", "checkpointer", "startup", "walreceiver", "walsender", "walsummarizer", "walwriter",
      "archiver", "logger", "postmaster",
    ].map { Phrase($0) })

  /// Of the state of a session (`set_ps_display` in postgres.c), beside the words of commands, which are in capitals.
  private static let words = Immortal(
    ["idle", "in", "transaction", "(aborted)", "waiting", "authentication", "startup", "initializing"].map {
      Phrase($0)
    })

  private static func isOfTag(_ p: UnsafeRawPointer, _ from: Int, _ to: Int) -> Bool {
    var isCapital = true
    for i in from..<to where p.load(fromByteOffset: i, as: UInt8.self) &- 0x41 >= 26 {
      isCapital = false
      break
    }
    if isCapital { return true }
    for i in 0..<words.count where words[i].count == to - from && words[i].matches(p, from, to) { return true }
    return false
  }

  private static func wordEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
    var i = from
    while i < end, p.load(fromByteOffset: i, as: UInt8.self) != 0x20 { i += 1 }
    return i
  }
}

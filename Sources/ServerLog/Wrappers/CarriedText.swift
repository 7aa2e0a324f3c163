/// What an envelope says of the text that it carries.
struct CarriedText {
  /// Microseconds since 1970 UTC; `Int64.min` where not said.
  var time = Int64.min
  /// Whether the time is a local one whose zone nothing tells.
  var isLocal = false
  /// Process id; -1 where not said.
  var process: Int64 = -1
  /// Tells apart what is written at the same time.
  var stream: UInt64 = 0
  /// syslog's number of the message in its process, and of the piece in the message, from one; -1 where not said.
  var sequence: Int64 = -1
  var piece: Int64 = -1
  /// Whether the line goes on in the stream's next record.
  var continues = false
}

/// What a record of a wrapper turned out to be.
enum Envelope {
  case text(CarriedText)
  /// More of the record before it.
  case more
  /// Another program's, or the wrapper's own.
  case foreign
  case unreadable
}

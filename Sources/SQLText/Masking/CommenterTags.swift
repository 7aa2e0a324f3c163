internal import Bytes

/// sqlcommenter tags: `/*controller='shop',action='list'*/` at the end or the start of a statement.
///
/// Format: https://google.github.io/sqlcommenter/spec — pairs `key='value'`, separated by commas, both URL-encoded,
/// quotes inside a value escaped by a backslash.
public enum CommenterTags {
  /// One pair, as ranges of bytes in the text: the key, and the value between its quotes.
  public struct Pair: Hashable, Sendable {
    public var key: Range<Int>
    public var value: Range<Int>
  }

  /// Whether the bytes of `range` are one list of pairs and nothing else.
  static func isTagList(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    var position = range.lowerBound
    while let step = pair(text, &position, range.upperBound) {
      if step.isLast { return true }
    }
    return false
  }

  /// Every pair of the tag list at `range`, in the order of the text. Ends early where the list is malformed.
  public static func forEach(
    in text: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (Pair) -> Void
  ) {
    text.withMemoryRebound(to: UInt8.self) { bytes in
      var position = range.lowerBound
      while let step = pair(bytes, &position, range.upperBound) {
        body(step.pair)
        if step.isLast { return }
      }
    }
  }

  /// The tags as `WorkloadDimensions.tags` holds them: sorted by key, `key='value',key='value'`, values still
  /// URL-encoded, without the keys in `dropping`. Tracing ids differ on every execution, so they are dropped unless the
  /// caller says otherwise.
  public static func canonical(
    _ text: UnsafeRawBufferPointer, _ range: Range<Int>, dropping: Set<String> = tracing
  ) -> String {
    var pairs: [(key: String, value: String)] = []
    forEach(in: text, range) { pair in
      let key = String(readable: UnsafeRawBufferPointer(rebasing: text[pair.key]))
      if !dropping.contains(key) {
        pairs.append((key, String(readable: UnsafeRawBufferPointer(rebasing: text[pair.value]))))
      }
    }
    pairs.sort { ($0.key, $0.value) < ($1.key, $1.value) }
    return pairs.map { $0.key + "='" + $0.value + "'" }.joined(separator: ",")
  }

  /// The keys of W3C trace context, which sqlcommenter's libraries add.
  public static let tracing: Set<String> = ["traceparent", "tracestate"]

  private static func pair(
    _ text: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ end: Int
  ) -> (pair: Pair, isLast: Bool)? {
    func skipBlanks(_ i: inout Int) {
      while i < end, text[i] == ascii(" ") || text[i] == ascii("\n") || text[i] == ascii("\t") || text[i] == ascii("\r")
      {
        i += 1
      }
    }
    var i = position
    skipBlanks(&i)
    let keyStart = i
    while i < end, isKeyByte(text[i]) { i += 1 }
    let key = keyStart..<i
    skipBlanks(&i)
    guard !key.isEmpty, i + 1 < end, text[i] == ascii("=") else { return nil }
    i += 1
    skipBlanks(&i)
    guard i < end, text[i] == ascii("'") else { return nil }
    i += 1
    let valueStart = i
    while i < end, text[i] != ascii("'") { i += text[i] == ascii("\\") ? 2 : 1 }
    guard i < end else { return nil }
    let value = valueStart..<i
    i += 1
    skipBlanks(&i)
    if i == end {
      position = end
      return (Pair(key: key, value: value), true)
    }
    guard text[i] == ascii(",") else { return nil }
    position = i + 1
    return (Pair(key: key, value: value), false)
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case ascii("a")...ascii("z"), ascii("A")...ascii("Z"), ascii("0")...ascii("9"): true
    case ascii("_"), ascii("-"), ascii("."), ascii("%"), ascii("~"): true
    default: false
    }
  }
}

/// The text form of a one-dimensional array, as `array_out` writes it (arrayfuncs.c): written, and looked at, not taken apart.
enum ArrayText {
  /// The number of elements; nil where the text is no array of one dimension without nulls, which is all that column
  /// statistics hold. Elements are divided by commas, which is so for every type but `box`, which has no statistics.
  static func count(_ text: String) -> Int? {
    var bytes = text.utf8.makeIterator()
    guard bytes.next() == UInt8(ascii: "{") else { return nil }
    var count = 0
    var element: [UInt8] = []
    var isQuoted = false
    var hasEnded = false
    while let byte = bytes.next() {
      guard !hasEnded else { return nil }
      switch byte {
      case UInt8(ascii: "\""):
        isQuoted = true
        var isClosed = false
        while let inside = bytes.next() {
          if inside == UInt8(ascii: "\\") {
            guard bytes.next() != nil else { return nil }
          } else if inside == UInt8(ascii: "\"") {
            isClosed = true
            break
          }
        }
        guard isClosed else { return nil }
      case UInt8(ascii: "\\"):
        guard let next = bytes.next() else { return nil }
        element.append(next)
      case UInt8(ascii: "{"): return nil
      case UInt8(ascii: ","), UInt8(ascii: "}"):
        hasEnded = byte == UInt8(ascii: "}")
        if hasEnded, count == 0, element.isEmpty, !isQuoted { continue }
        guard isQuoted || (!element.isEmpty && !isNull(element)) else { return nil }
        count += 1
        element = []
        isQuoted = false
      default:
        // Four letters tell a null.
        if element.count < 5 { element.append(byte) }
      }
    }
    return hasEnded ? count : nil
  }

  private static func isNull(_ element: [UInt8]) -> Bool {
    element.count == 4 && zip(element, "null".utf8).allSatisfy { $0 | 0x20 == $1 }
  }

  /// The array of these texts.
  static func text(_ elements: some Sequence<String?>) -> String {
    "{"
      + elements.map { element in
        element.map { "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" } ?? "NULL"
      }.joined(separator: ",") + "}"
  }
}

/// A message with what differs from time to time taken out: numbers become `#`, what stands in quotes becomes `?`.
///
/// Two errors of one kind have one shape, so a count by shape says more than a list of messages.
enum MessageShape {
  /// - Parameter isCutAtQuote: leaves out all that follows the first quote.
  /// - Complexity: O(length); a message of more than 2,000 code points is cut there.
  static func mask(_ message: String, isCutAtQuote: Bool = false) -> String {
    var result = String.UnicodeScalarView()
    var closing: Unicode.Scalar?
    var inNumber = false
    let scalars = Array(message.unicodeScalars.prefix(2_000))
    var behindLocation = 0
    for (i, scalar) in scalars.enumerated() {
      if i < behindLocation { continue }
      if let end = closing {
        if scalar == end {
          result.append(scalar)
          closing = nil
        }
        continue
      }
      if i == 0 || !scalars[i - 1].properties.isAlphabetic, !inNumber, let end = locationEnd(scalars, i) {
        result.append(contentsOf: "#/#".unicodeScalars)
        behindLocation = end
        continue
      }
      if ("0"..."9").contains(scalar) {
        if !inNumber { result.append("#") }
        inNumber = true
        continue
      }
      // 12.5, 10:31 and 2026-11-23 are one number each; a sign before it belongs to it.
      if inNumber, scalar == "." || scalar == ":" { continue }
      inNumber = false
      if scalar == "\n" { break }
      result.append(scalar)
      switch scalar {
      case "\"": closing = "\""
      case "«": closing = "»"
      case "„": closing = "“"
      case "“": closing = "”"
      case "「": closing = "」"
      default: continue
      }
      result.append("?")
      if isCutAtQuote, let end = closing {
        result.append(end)
        break
      }
    }
    // A quote that never ended: an apostrophe or a cut message. What followed it is masked.
    return String(result)
  }

  /// Where a place in the WAL that begins at `start` ends: `0/16B3748`, two numbers in hexadecimal (`%X/%X`, `%X/%08X`).
  private static func locationEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    var i = start
    for part in 0..<2 {
      let first = i
      while i < scalars.count, i - first < 9, isHexDigit(scalars[i]) { i += 1 }
      guard i > first, i - first <= 8 else { return nil }
      guard part == 0 else { break }
      guard i < scalars.count, scalars[i] == "/" else { return nil }
      i += 1
    }
    guard i == scalars.count || !scalars[i].properties.isAlphabetic && scalars[i] != "/" else { return nil }
    return i
  }

  /// As `%X` writes them.
  private static func isHexDigit(_ scalar: Unicode.Scalar) -> Bool {
    ("0"..."9").contains(scalar) || ("A"..."F").contains(scalar)
  }
}

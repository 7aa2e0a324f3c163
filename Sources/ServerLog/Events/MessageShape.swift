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
    for scalar in message.unicodeScalars.prefix(2_000) {
      if let end = closing {
        if scalar == end {
          result.append(scalar)
          closing = nil
        }
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
}

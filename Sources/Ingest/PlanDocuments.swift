import Plans

/// The plans in a file, each as a document of its own.
enum PlanDocuments {
  /// The documents and their plans, in the file's order; nil where the file cannot be cut into them.
  ///
  /// - Parameter plans: all that the file holds, read at once.
  static func split(_ bytes: [UInt8], _ plans: [Plan]) -> [(document: [UInt8], plan: Plan)]? {
    if plans.count == 1 { return [(bytes, plans[0])] }
    let pieces = isJSON(bytes) ? objects(bytes) : stretches(bytes)
    var result: [(document: [UInt8], plan: Plan)] = []
    for piece in pieces {
      guard let found = try? PlanReader.plans(in: piece), found.count == 1 else { continue }
      result.append((piece, found[0]))
    }
    return result.count == plans.count ? result : nil
  }

  private static func isJSON(_ bytes: [UInt8]) -> Bool {
    let first = bytes.first { $0 > 0x20 }
    return first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
  }

  /// The objects that are members of no other object.
  private static func objects(_ bytes: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var braces = 0
    var start = 0
    var inString = false
    var escaped = false
    for (i, byte) in bytes.enumerated() {
      if inString {
        if escaped { escaped = false } else if byte == 0x5C { escaped = true } else if byte == 0x22 { inString = false }
        continue
      }
      switch byte {
      case 0x22: inString = true
      case UInt8(ascii: "{"):
        if braces == 0 { start = i }
        braces += 1
      case UInt8(ascii: "}"):
        braces -= 1
        if braces == 0 { result.append(Array(bytes[start...i])) }
      default: break
      }
    }
    return result
  }

  /// What lies between the lines with which auto_explain's documents begin.
  private static func stretches(_ bytes: [UInt8]) -> [[UInt8]] {
    let markers = ["Query Text: ", "- Query Text: ", "<explain"].map { Array($0.utf8) }
    var starts: [Int] = []
    var line = 0
    while line < bytes.count {
      let text = bytes[line...].drop { $0 == 0x20 || $0 == 0x09 }
      if markers.contains(where: { text.starts(with: $0) }) { starts.append(line) }
      guard let newline = bytes[line...].firstIndex(of: 0x0A) else { break }
      line = newline + 1
    }
    return starts.indices.map { i in Array(bytes[starts[i]..<(i + 1 < starts.count ? starts[i + 1] : bytes.count)]) }
  }
}

public import Model

/// Reads plans in every format that PostgreSQL 13 to 18 writes, told apart by their content.
///
/// JSON, XML, YAML and text; of EXPLAIN and of auto_explain; bare, as psql prints them (aligned, unaligned, expanded,
/// with any border), as a log entry holds them, or quoted by pgAdmin or a spreadsheet.
public enum PlanReader {
  /// The plans of a document, at least one. A statement that a rule rewrites into several has several.
  ///
  /// - Complexity: O(bytes); JSON is read without a copy of the text.
  public static func plans(in bytes: [UInt8]) throws(PlanError) -> [Plan] {
    let start = content(of: bytes)
    guard start < bytes.count else { throw PlanError(.empty) }
    if bytes[start] == UInt8(ascii: "[") || bytes[start] == UInt8(ascii: "{") {
      do {
        var parser = JSONPlanParser()
        return try checked(parser.plans(bytes.span.extracting(start..<bytes.count)), in: bytes)
      } catch {
        // The rows of psql's output without their header still have psql's marks.
        if let plans = try? framed(bytes), !plans.isEmpty { return plans }
        throw PlanError(error.reason, line: error.line, byte: error.byte.map { $0 + start })
      }
    }
    return try checked(framed(bytes), in: bytes)
  }

  /// The first plan of a document that a log or a history holds.
  public static func plan(in document: String) throws(PlanError) -> Plan {
    guard let first = try plans(in: Array(document.utf8)).first else { throw PlanError(.notAPlan) }
    return first
  }

  /// The plan of a sample.
  public static func plan(of sample: PlanSample) throws(PlanError) -> Plan { try plan(in: sample.document) }

  private static func checked(_ plans: [Plan], in bytes: [UInt8]) throws(PlanError) -> [Plan] {
    guard plans.isEmpty else { return plans }
    let start = content(of: bytes)
    throw PlanError(.notAPlan, line: 1 + bytes[..<start].count { $0 == UInt8(ascii: "\n") }, byte: start)
  }

  /// Where the text begins, behind a byte order mark and white space.
  private static func content(of bytes: [UInt8]) -> Int {
    var at = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    while at < bytes.count, bytes[at] <= 0x20, bytes[at] != 0 { at += 1 }
    return at
  }

  private static func framed(_ bytes: [UInt8]) throws(PlanError) -> [Plan] {
    guard !bytes.prefix(4096).contains(0) else { return [] }
    let frame = PlanFrame(bytes)
    guard let first = frame.lines.first(where: { !TextScanner.trimmed($0).isEmpty }) else { return [] }
    let start = TextScanner.trimmed(first)
    do {
      switch start.first {
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        let text = frame.joined
        var parser = JSONPlanParser()
        return try parser.plans(text.span)
      case UInt8(ascii: "<"):
        var parser = XMLPlanParser(frame.joined)
        return try parser.plans()
      default:
        if isYAML(frame.lines, start: start) {
          var parser = YAMLPlanParser(frame.joined)
          return try parser.plans()
        }
        var parser = TextPlanParser(lines: frame.lines, firstLine: 1)
        return try parser.plans()
      }
    } catch {
      throw PlanError(
        error.reason, line: error.line.map { $0 + frame.firstLine - 1 }, byte: frame.isChanged ? nil : error.byte)
    }
  }

  private static func isYAML(_ lines: [ArraySlice<UInt8>], start: ArraySlice<UInt8>) -> Bool {
    if TextScanner.starts(start, "- Plan:") || TextScanner.starts(start, "Plan:") { return true }
    guard TextScanner.starts(start, "Query Text: \"") || TextScanner.starts(start, "- Query Text: \"") else {
      return false
    }
    return lines.contains { TextScanner.trimmed($0).elementsEqual("Plan:".utf8) }
  }
}

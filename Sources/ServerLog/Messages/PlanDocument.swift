internal import Bytes
internal import Model
internal import SQLText

/// The plan that auto_explain wrote after `duration: … ms  plan:` (contrib/auto_explain/auto_explain.c,
/// `explain_ExecutorEnd`), as far as it must be read to know whose it is.
enum PlanDocument {
  /// Tells the format by the first bytes after the line break.
  static func format(_ bytes: UnsafeRawBufferPointer) -> PlanSample.Format {
    let content = bytes.drop { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
    if content.first == UInt8(ascii: "{") || content.first == UInt8(ascii: "[") { return .json }
    if content.first == UInt8(ascii: "<") { return .xml }
    // YAML quotes its texts, the text format does not.
    if content.starts(with: "Query Text: \"".utf8) && !contains(content, textCost) { return .yaml }
    return .text
  }

  /// Appends the statement's text. False where the document has none.
  static func queryText(_ bytes: UnsafeRawBufferPointer, into query: inout ScratchBytes) -> Bool {
    let format = format(bytes)
    guard let p = bytes.baseAddress, let range = queryRange(bytes, format) else { return false }
    switch format {
    case .json, .yaml: Escaping.json.decode(UnsafeRawBufferPointer(rebasing: bytes[range]), into: &query)
    case .xml: appendXML(bytes, range.lowerBound, range.upperBound, &query)
    case .text: query.append(p + range.lowerBound, range.count)
    }
    return true
  }

  /// What is executed where the text is `PREPARE name AS …`, which a prepared statement's plan shows.
  static func executed(_ query: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let body = PreparedText.body(of: query) else { return query }
    return UnsafeRawBufferPointer(rebasing: query[body...])
  }

  /// Where the statement's text stands, as the format escapes it; nil where the document has none.
  static func queryRange(_ bytes: UnsafeRawBufferPointer, _ format: PlanSample.Format) -> Range<Int>? {
    guard let p = bytes.baseAddress else { return nil }
    switch format {
    case .json:
      guard let key = jsonKey.find(p, 0, bytes.count) else { return nil }
      var start = key + jsonKey.count
      skipBlanks(p, &start, bytes.count)
      guard start < bytes.count, bytes[start] == UInt8(ascii: ":") else { return nil }
      start += 1
      skipBlanks(p, &start, bytes.count)
      guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
      return quoted(bytes, start + 1)
    case .yaml: return yamlKey.find(p, 0, bytes.count).flatMap { quoted(bytes, $0 + yamlKey.count) }
    case .xml:
      guard let open = xmlOpen.find(p, 0, bytes.count), let close = xmlClose.find(p, open, bytes.count) else {
        return nil
      }
      return open + xmlOpen.count..<close
    case .text:
      guard let key = textKey.find(p, 0, bytes.count) else { return nil }
      let start = key + textKey.count
      // The statement may have any number of lines; the plan's first line is the first with a cost.
      var end = bytes.count
      if let cost = textCost.find(p, start, bytes.count) {
        end = cost
        while end > start, bytes[end - 1] != 0x0A { end -= 1 }
      }
      if let parameters = textParameters.find(p, start, end) { end = parameters }
      while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
      return start..<end
    }
  }

  private static func quoted(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Range<Int>? {
    var i = start
    while i < bytes.count, bytes[i] != UInt8(ascii: "\"") { i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1 }
    return i < bytes.count ? start..<i : nil
  }

  /// `escape_xml` writes &lt; &gt; &amp; &quot; and &#x0d; (src/backend/utils/adt/xml.c).
  private static func appendXML(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ query: inout ScratchBytes
  ) {
    guard let p = bytes.baseAddress else { return }
    var i = start
    while i < end {
      guard bytes[i] == UInt8(ascii: "&"),
        let entity = xmlEntities.first(where: { $0.phrase.matches(p, i, end) })
      else {
        query.append(bytes[i])
        i += 1
        continue
      }
      query.append(entity.byte)
      i += entity.phrase.count
    }
  }

  private static func contains(_ bytes: Slice<UnsafeRawBufferPointer>, _ phrase: Phrase) -> Bool {
    let buffer = UnsafeRawBufferPointer(rebasing: bytes)
    guard let p = buffer.baseAddress else { return false }
    return phrase.find(p, 0, buffer.count) != nil
  }

  private static let jsonKey = Phrase("\"Query Text\"")
  private static let yamlKey = Phrase("Query Text: \"")
  private static let xmlOpen = Phrase("<Query-Text>")
  private static let xmlClose = Phrase("</Query-Text>")
  private static let textKey = Phrase("Query Text: ")
  private static let textCost = Phrase("  (cost=")
  private static let textParameters = Phrase("\nQuery Parameters: ")
  private static let xmlEntities: [(phrase: Phrase, byte: UInt8)] = [
    (Phrase("&lt;"), UInt8(ascii: "<")), (Phrase("&gt;"), UInt8(ascii: ">")), (Phrase("&amp;"), UInt8(ascii: "&")),
    (Phrase("&quot;"), UInt8(ascii: "\"")), (Phrase("&apos;"), UInt8(ascii: "'")), (Phrase("&#x0d;"), 0x0D),
  ]
}

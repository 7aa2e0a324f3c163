internal import Bytes
internal import Model

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
    guard let p = bytes.baseAddress else { return false }
    switch format(bytes) {
    case .json:
      guard let key = jsonKey.find(p, 0, bytes.count) else { return false }
      var start = key + jsonKey.count
      skipBlanks(p, &start, bytes.count)
      guard start < bytes.count, bytes[start] == UInt8(ascii: ":") else { return false }
      start += 1
      skipBlanks(p, &start, bytes.count)
      guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return false }
      return appendQuoted(bytes, start + 1, &query)
    case .yaml:
      guard let key = yamlKey.find(p, 0, bytes.count) else { return false }
      return appendQuoted(bytes, key + yamlKey.count, &query)
    case .xml:
      guard let open = xmlOpen.find(p, 0, bytes.count), let close = xmlClose.find(p, open, bytes.count) else {
        return false
      }
      appendXML(bytes, open + xmlOpen.count, close, &query)
      return true
    case .text:
      guard let key = textKey.find(p, 0, bytes.count) else { return false }
      let start = key + textKey.count
      // The statement may have any number of lines; the plan's first line is the first with a cost.
      var end = bytes.count
      if let cost = textCost.find(p, start, bytes.count) {
        end = cost
        while end > start, bytes[end - 1] != 0x0A { end -= 1 }
      }
      if let parameters = textParameters.find(p, start, end) { end = parameters }
      while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
      query.append(p + start, end - start)
      return true
    }
  }

  private static func appendQuoted(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ query: inout ScratchBytes) -> Bool {
    var i = start
    while i < bytes.count, bytes[i] != UInt8(ascii: "\"") { i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1 }
    guard i < bytes.count else { return false }
    Escaping.json.decode(UnsafeRawBufferPointer(rebasing: bytes[start..<i]), into: &query)
    return true
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

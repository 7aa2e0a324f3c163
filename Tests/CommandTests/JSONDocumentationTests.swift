import Foundation
import Testing

/// Every key of every JSON document that the golden files hold is in `Documentation/json.md`, spelled `key`.
@Suite struct JSONDocumentationTests {
  @Test func everyKeyIsDocumented() throws {
    let manual = try String(contentsOfFile: PgAssayBinary.root + "/Documentation/json.md", encoding: .utf8)
    // What stands between back-quotes.
    let words = Set(
      manual.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
        String($0.element)
      })
    var missing: [String: String] = [:]
    var documents = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: Golden.folder).sorted()
    where !name.hasSuffix(".exit") {
      let text = try String(contentsOfFile: Golden.folder + "/" + name, encoding: .utf8)
        // Placeholders stand where numbers were.
        .replacingOccurrences(of: ": $SIZE", with: ": 0")
      guard text.hasPrefix("{") else { continue }
      let parts =
        (try? [JSONSerialization.jsonObject(with: Data(text.utf8))])
        ?? text.split(separator: "\n").compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
      #expect(!parts.isEmpty, "\(name) begins like JSON and is none")
      documents += 1
      for part in parts {
        Self.keys(of: part) { key in if !words.contains(key) { missing[key] = name } }
      }
    }
    #expect(documents >= 20)
    #expect(missing.isEmpty, "not in Documentation/json.md: \(missing.sorted { $0.key < $1.key })")
  }

  /// Objects whose keys are data, not names: reasons and their counts.
  private static let dictionaries: Set<String> = ["skipped"]

  private static func keys(of value: Any, _ body: (String) -> Void) {
    if let object = value as? [String: Any] {
      for (key, inner) in object {
        body(key)
        if !dictionaries.contains(key) { keys(of: inner, body) }
      }
    } else if let array = value as? [Any] {
      for inner in array { keys(of: inner, body) }
    }
  }
}

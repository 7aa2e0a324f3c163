import Model
import SQLText

/// Statements of any content.
enum StatementFuzzing {
  /// Equal texts have equal masks, and blanks and semicolons at the end belong to none.
  static func mask(_ bytes: [UInt8]) {
    var masker = StatementMasker()
    func key(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { masker.mask($0).key } }
    let first = key(bytes)
    require(key(bytes) == first, "the mask of a statement changed")
    var reader = StatementReader(StatementCatalog(fingerprinter: Fingerprinter(sizeLimit: 0)))
    bytes.withUnsafeBytes { _ = reader.read($0) }
  }

  /// The mask determines the fingerprint: a statement whose numbers are others has both alike or both not.
  static func fingerprint(_ bytes: [UInt8]) {
    let other = bytes.map { $0 == UInt8(ascii: "7") ? UInt8(ascii: "8") : $0 }
    var masker = StatementMasker()
    let keys = [bytes, other].map { text in text.withUnsafeBytes { masker.mask($0).key } }
    let fingerprinter = Fingerprinter()
    let described = [bytes, other].map { text in text.withUnsafeBytes { fingerprinter.describe($0) } }
    if keys[0] == keys[1] {
      require(described[0].fingerprint == described[1].fingerprint, "one key, two fingerprints")
      require(described[0].grammar == described[1].grammar, "one key, two grammars")
    }
    let cut = bytes.withUnsafeBytes { fingerprinter.describe($0, isTruncated: true) }
    require(cut.grammar == .masked, "a cut statement was parsed")
  }

  /// Every pair lies inside the text, and the canonical form of the tags is its own canonical form.
  static func tags(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { text in
      CommenterTags.forEach(in: text, 0..<text.count) { pair in
        require(pair.key.upperBound <= text.count && pair.value.upperBound <= text.count, "a tag outside of the text")
      }
      let canonical = CommenterTags.canonical(text, 0..<text.count)
      guard canonical.unicodeScalars.allSatisfy({ $0 != "\u{FFFD}" }) else { return }
      let again = Array(canonical.utf8).withUnsafeBytes { CommenterTags.canonical($0, 0..<$0.count) }
      require(again == canonical, "the canonical tags \(canonical) have another canonical form \(again)")
    }
  }

  static func analyze(_ bytes: [UInt8]) {
    let analyzer = StatementAnalyzer(columns: { _ in ["a", "b", "id"] })
    _ = try? analyzer.analyze(String(decoding: bytes, as: UTF8.self))
  }
}

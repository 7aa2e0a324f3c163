import Model
import Testing

@testable import SQLText

@Suite struct ParserSafetyTests {
  let unlimited = Fingerprinter(sizeLimit: 64 << 20)

  @Test func `a million operators do not crash`() {
    let chain = "select 1" + String(repeating: "+a", count: 1_000_000)
    #expect(Fingerprinter().describe(chain).grammar == .masked)
    #expect(unlimited.describe(chain).grammar == .parsed)
    let casts = "select a" + String(repeating: "::b", count: 1_000_000)
    #expect(unlimited.describe(casts).kind == .select)
  }

  @Test func `a hundred thousand parentheses, NOTs, unions and subselects do not crash`() {
    let n = 100_000
    for text in [
      "select " + String(repeating: "(", count: n) + "1" + String(repeating: ")", count: n),
      "select " + String(repeating: "not ", count: n) + "a",
      "select 1" + String(repeating: " union select 1", count: n),
      String(repeating: "select (", count: n) + "select 1" + String(repeating: ")", count: n),
      "select " + String(repeating: "case when a then ", count: n),
      "select a" + String(repeating: "[1]", count: n),
      "select * from a" + String(repeating: " natural join b", count: n),
    ] {
      _ = unlimited.describe(text)
      #expect(!unlimited.describe(text).normalized.isEmpty)
    }
    #expect(unlimited.describe("select 1 from t").grammar == .parsed, "the thread must have survived")
  }

  @Test func `mutated statements never crash, and a mask is the same every time`() {
    var random = SplitMix(state: 2026)
    let fragments: [[UInt8]] =
      ["'", "\"", "$$", "/*", "*/", "--", "E'", "\\", "$1", "(", ")", "\u{0}", ";", "e", "1", "é"].map {
        Array($0.utf8)
      } + [[0xFF], [0xE2, 0x82], [0xF0]]
    var masker = StatementMasker()
    let fingerprinter = Fingerprinter()
    for round in 0..<8_000 {
      var bytes = Array(Corpus.all[round % Corpus.all.count].utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.remove(at: at)
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.replaceSubrange(at..<at, with: fragments[Int.random(in: 0..<fragments.count, using: &random)])
        default: bytes.removeSubrange(at...)
        }
      }
      bytes.withUnsafeBytes { text in
        let first = masker.mask(text)
        let again = masker.mask(text)
        #expect(first == again)
        if round % 4 == 0 { _ = fingerprinter.describe(text) }
      }
    }
  }

  /// The mask determines the canonical text, hence the fingerprint: mutated twins with equal keys must agree.
  @Test func `equal keys of mutated statements have equal fingerprints`() {
    var random = SplitMix(state: 99)
    var seen: [UInt64: Fingerprint] = [:]
    var repeats = 0
    for round in 0..<6_000 {
      var text = Corpus.all[round % Corpus.all.count]
      let at = text.index(text.startIndex, offsetBy: Int.random(in: 0..<text.count, using: &random))
      text.insert(["1", "'", "x", " ", "0", ";", "$"].randomElement(using: &random) ?? "1", at: at)
      let fingerprint = Fingerprinter().describe(text).fingerprint
      if let other = seen.updateValue(fingerprint, forKey: key(text)) {
        repeats += 1
        #expect(other == fingerprint, "\(text)")
      }
    }
    #expect(repeats > 500)
  }
}

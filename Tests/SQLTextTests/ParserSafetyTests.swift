import Foundation
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
      "select " + String(repeating: "array[", count: n) + "1" + String(repeating: "]", count: n),
      "select " + String(repeating: "case when a then ", count: n) + "1" + String(repeating: " end", count: n),
      "select " + String(repeating: "f(", count: n) + "1" + String(repeating: ")", count: n),
      "select 1 where " + String(repeating: "a in (", count: n) + "1" + String(repeating: ")", count: n),
      "select * from a" + String(repeating: " natural join b", count: n),
    ] {
      _ = unlimited.describe(text)
      #expect(!unlimited.describe(text).normalized.isEmpty)
    }
    #expect(unlimited.describe("select 1 from t").grammar == .parsed, "the thread must have survived")
  }

  /// What PostgreSQL 16 to 18 added and libpg_query 15 does not know.
  @Test(arguments: [
    (
      "SELECT jt.* FROM orders, JSON_TABLE(orders.doc, '$.items[*]' COLUMNS (id int PATH '$.id', n text)) AS jt",
      StatementKind.select, ["orders"]
    ),
    (
      "MERGE INTO stock AS s USING news AS n ON s.id = n.id WHEN MATCHED THEN UPDATE SET level = n.level "
        + "WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING merge_action(), s.*", .merge, ["stock"]
    ),
    ("SELECT xmlserialize(CONTENT page AS text INDENT) FROM pages WHERE id = 5", .select, ["pages"]),
    (
      "SELECT JSON_SERIALIZE(doc RETURNING bytea) FROM docs WHERE doc IS JSON WITH UNIQUE KEYS AND id = 3", .select,
      ["docs"]
    ),
    ("UPDATE t SET a = 1 WHERE id = 2 RETURNING WITH (OLD AS o, NEW AS n) o.a, n.a", .update, ["t"]),
    ("SELECT JSON_ARRAYAGG(a ORDER BY a ABSENT ON NULL RETURNING jsonb) FROM t WHERE b = 'x'", .select, ["t"]),
  ])
  func `newer syntax is known by its mask, kind and tables`(text: String, kind: StatementKind, tables: [String]) {
    let described = Fingerprinter().describe(text)
    #expect(described.grammar == .masked)
    #expect(described.kind == kind)
    #expect(described.relations.map(\.name) == tables)
    let other = Fingerprinter().describe(
      text.replacingOccurrences(of: "5", with: "77").replacingOccurrences(of: "'x'", with: "'other'") + " ; -- later")
    #expect(other.fingerprint == described.fingerprint, "values must not show")
    #expect(Fingerprinter().describe(text + " , 1").fingerprint != described.fingerprint)
  }

  /// These are functions and columns to a grammar that does not know them.
  @Test(arguments: [
    "SELECT SYSTEM_USER", "SELECT ANY_VALUE(a) FROM t GROUP BY b", "SELECT 1_000, 0xFF, 0b1 FROM t",
    "COPY t FROM STDIN (FORMAT csv, ON_ERROR ignore, FORCE_NULL *)",
  ])
  func `newer names parse as they are`(text: String) {
    #expect(Fingerprinter().describe(text).grammar == .parsed)
  }

  @Test func `statements of fifty megabytes are told apart without filling the memory`() {
    let string = "select * from t where a = '" + String(repeating: "x", count: 50_000_000) + "'"
    #expect(
      Fingerprinter().describe(string).fingerprint
        == Fingerprinter().describe("select * from t where a = 'y'").fingerprint)
    let rows =
      "insert into t values (1, 'a', now())" + String(repeating: ", (12, 'text of a row', now())", count: 500_000)
    let bulk = Fingerprinter().describe(rows)
    #expect(bulk.grammar == .parsed)
    #expect(bulk.fingerprint == Fingerprinter().describe("insert into t values (1, 'a', now())").fingerprint)
    let list = "select * from t where a in (1" + String(repeating: ", 23456789", count: 2_000_000) + ")"
    #expect(
      Fingerprinter().describe(list).fingerprint
        == Fingerprinter().describe("select * from t where a in (1)").fingerprint)
    let chain = Fingerprinter().describe("select 1" + String(repeating: "+a", count: 10_000_000))
    #expect(chain.grammar == .masked)
    #expect(chain.kind == .select)
    #expect(chain.normalized.utf8.count < 100_000)
  }

  /// Taking list elements out on the way changes nothing but the memory that it takes.
  @Test func `texts are the same however many tokens are held`() {
    var random = SplitMix(state: 7)
    for round in 0..<400 {
      var text = Corpus.queries[round % Corpus.queries.count]
      let row = ["(1, 'a')", "(2, $1)", "(now(), -3)", "(1, 'b')"]
      text +=
        " union values "
        + (0..<Int.random(in: 1...60, using: &random)).map { _ in
          row[Int.random(in: 0..<row.count, using: &random)]
        }.joined(separator: ", ")
      text +=
        " union select 1 where a in ("
        + (0..<Int.random(in: 1...90, using: &random)).map { _ in
          ["1", "22", "'x'", "$3"][Int.random(in: 0..<4, using: &random)]
        }.joined(separator: ",") + ") and b in (select 1)"
      Array(text.utf8).withUnsafeBufferPointer { bytes in
        let whole = StatementPieces(bytes)
        let squeezed = StatementPieces(bytes, limit: 400)
        #expect(!squeezed.isCut)
        for limit in [150, 200, 300] {
          let pieces = StatementPieces(bytes, limit: limit)
          guard !pieces.isCut else { continue }
          #expect(CanonicalText.write(pieces) == CanonicalText.write(whole), "\(text)")
          #expect(NormalizedText.write(pieces) == NormalizedText.write(whole), "\(text)")
        }
      }
    }
  }

  @Test func `masks of many pieces tell statements apart and ignore literals`() {
    let long = String(repeating: "coalesce(column_name, 1) + ", count: 20_000)
    let a = key("select " + long + "1")
    #expect(a == key("SELECT  " + long.replacingOccurrences(of: "1", with: "98765") + "2 ;;; -- end"))
    #expect(a != key("select " + long + "x"))
    #expect(a != key("selecT_ " + long + "1"))
    #expect(key("select 1" + String(repeating: ";", count: 200_000)) == key("select 2"))
    let name = String(repeating: "n", count: 150_000)
    #expect(key("select \(name) , 1") == key("select \(name) , 2"))
    #expect(key("select \(name) , 1") != key("select \(name)x , 1"))
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

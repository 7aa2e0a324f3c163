import Model
import Testing

@testable import SQLText

@Suite struct NormalizedTextTests {
  func normalized(_ text: String) -> String { Fingerprinter().describe(text).normalized }

  @Test(arguments: [
    ("SELECT * FROM t WHERE a = 5 AND b = 'x' -- c", "SELECT * FROM t WHERE a = $1 AND b = $2"),
    ("select 1 /* x */ , $3 , 'a''b'", "select $4 , $3 , $5"),
    ("select a from t where a in (1, 2, 3) and b = 7", "select a from t where a in ($1 /*, ... */) and b = $2"),
    ("insert into t values (1, 'a'), (2, 'b');", "insert into t values ($1, $2) /*, ... */"),
    ("SELECT a,\n       b\nFROM t", "SELECT a,\n       b\nFROM t"),
    ("select E'it\\'s', U&'x', N'y', B'1', X'F', $q$z$q$, 0x1F", "select $1, $2, $3, $4, $5, $6, $7"),
    ("select -5, - 5, a-5, a -5", "select $1, $2, a-$3, a -$4"),
    ("ALTER ROLE a PASSWORD 'geheim' VALID UNTIL 'x'", "ALTER ROLE a PASSWORD $1 VALID UNTIL $2"),
    ("ALTER ROLE a PASSWORD \"geheim\"", "ALTER ROLE a PASSWORD $1"),
    ("DO $$begin perform f('geheim', 2); end$$", "DO $1"),
    ("select 'geheim", "select $1"), ("select 1 /* geheim", "select $1 …"), ("select \"geheim", "select …"),
    ("select float(24) '1'", "select float(24) $1"),
    ("select a$1, $1a from t1 where x1.y2 = 1.5e-3", "select a$1, $1a from t1 where x1.y2 = $2"),
  ])
  func `literals become parameters`(text: String, expected: String) { #expect(normalized(text) == expected) }

  @Test(arguments: Corpus.all)
  func `no value and no password is left`(text: String) {
    #expect(!normalized(text).contains("geheim"))
  }

  @Test func `a normalized query parses to the fingerprint of its original`() {
    for text in Corpus.queries where !text.contains("N'") && !text.contains("float") {
      let first = Fingerprinter().describe(text)
      #expect(Fingerprinter().describe(first.normalized).fingerprint == first.fingerprint, "\(text)")
    }
  }

  @Test func `long texts are cut`() {
    let text = "select " + (0..<40_000).map { "c\($0)" }.joined(separator: ", ")
    let result = normalized(text)
    #expect(result.utf8.count < NormalizedText.limit + 100)
    #expect(result.hasSuffix("…"))
  }
}

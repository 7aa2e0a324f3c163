import CPgQuery
import Model
import Testing

@testable import SQLText

/// libpg_query itself, asked about the text as it is.
func libraryFingerprint(_ text: String) -> UInt64? {
  let result = pg_query_fingerprint(text)
  defer { pg_query_free_fingerprint_result(result) }
  return result.error == nil ? result.fingerprint : nil
}

func key(_ text: String) -> UInt64 {
  var masker = StatementMasker()
  return Array(text.utf8).withUnsafeBytes { masker.mask($0).key }
}

@Suite struct FingerprintTests {
  let fingerprinter = Fingerprinter()

  @Test(arguments: Corpus.queries)
  func `a query's fingerprint is the library's own`(text: String) throws {
    let described = fingerprinter.describe(text)
    #expect(described.grammar == .parsed)
    if !text.contains("float") {
      #expect(described.fingerprint.value == libraryFingerprint(text))
    }
  }

  @Test(arguments: Corpus.utilities)
  func `a utility statement parses with neutral constants`(text: String) {
    #expect(libraryFingerprint(text) != nil, "the corpus itself must parse")
    #expect(fingerprinter.describe(text).grammar == .parsed)
  }

  @Test(arguments: [
    ("select * from t where a = 1", "SELECT *  FROM t -- c\n WHERE a = 22"),
    ("select * from t where a in (1)", "select * from t where a in (1, 2, 3)"),
    ("select * from t where a in (1, 2)", "select * from t where a in ($1 /*, ... */)"),
    ("insert into t values (1, 'a')", "insert into t values (1, 'a'), (2, 'b'), (3, 'c')"),
    ("select a, b from t where x = 1 and y = 2", "select b, a from t where y = 'q' and x = $1"),
    ("select 1 from part_2026_01", "select 1 from part_2026_12"),
    ("notify ch, 'a'", "NOTIFY ch, 'b'"),
    ("alter role r password 'a'", "alter role r password 'b'"),
    ("do $$begin perform f(1); end$$", "do $x$begin perform f(2); end$x$"),
    ("select 1_000 from t", "select 5 from t"),
    ("select * from t where a = 0x1F", "select * from t where a = 31"),
    ("begin", "BEGIN ISOLATION LEVEL SERIALIZABLE"),
    ("select 1;", "select 1"),
  ])
  func `one shape`(a: String, b: String) {
    #expect(fingerprinter.describe(a).fingerprint == fingerprinter.describe(b).fingerprint)
  }

  @Test(arguments: [
    ("select a from t", "select b from t"), ("select * from t x where x.a = 1", "select * from t y where y.a = 1"),
    ("select * from t", "select * from s.t"), ("select * from t", "select a from t"),
    ("select a::float(24) from t", "select a::float(53) from t"), ("select -5 from t", "select -$1 from t"),
    ("select 1", "select 1; select 1"),
    ("select a from t where x = 1 or y = 2", "select a from t where x = 1 or x = 2"), ("begin", "commit"),
  ])
  func `two shapes`(a: String, b: String) {
    #expect(fingerprinter.describe(a).fingerprint != fingerprinter.describe(b).fingerprint)
    #expect(key(a) != key(b))
  }

  @Test func `mixed lists do not change the fingerprint by being cut`() {
    for text in [
      "select * from t where a in (1, 'a', $1, 2, 3, 'b', 'c')", "select * from t where (a, b) in ((1, 2), (3, 4))",
      "insert into t values (1, default), (2, 3), (4, 5), (default, 1)", "select * from t where a in (-1, 2, 3, -4)",
      "select * from t where a in (select 1) and b not in (1, 2)", "insert into t values (1, now()), (2, now())",
      "select * from (values (1, 'a'), (2, 'b')) v (x, y)", "select * from t where a in (1::int, 2::int)",
      "select * from t where a in ('a', 'b', lower('C'), 'd')",
    ] {
      #expect(fingerprinter.describe(text).fingerprint.value == libraryFingerprint(text), "\(text)")
    }
  }

  @Test func `a statement that does not parse is known by its mask`() {
    let a = fingerprinter.describe("SELECT * FROM JSON_TABLE('x', '$' COLUMNS (a int PATH '$.a')) jt")
    let b = fingerprinter.describe("select * from json_table('y', '$' columns (a int path '$.b')) jt")
    #expect(a.grammar == .masked)
    #expect(a.fingerprint == b.fingerprint)
    #expect(a.kind == .select)
    let cut = "SELECT * FROM t WHERE id = 1 AND st"
    #expect(fingerprinter.describe(cut).grammar == .parsed)
    #expect(fingerprinter.describe(cut, isTruncated: true).grammar == .masked)
  }

  @Test func `kinds and relations`() {
    let x = fingerprinter.describe(
      "WITH c AS (SELECT * FROM a.b) INSERT INTO \"Tgt\" SELECT * FROM c JOIN d USING (id) JOIN a.b ON true")
    #expect(x.kind == .insert)
    #expect(
      x.relations == [
        RelationName(schema: "a", name: "b"), RelationName(schema: "", name: "Tgt"),
        RelationName(schema: "", name: "d"),
      ])
    #expect(fingerprinter.describe("begin; commit").kind == .transaction)
    #expect(fingerprinter.describe("select 1; select 2").kind == .utility)
    #expect(fingerprinter.describe("(select 1) union select 2").kind == .select)
    #expect(fingerprinter.describe("values (1)").kind == .select)
    #expect(fingerprinter.describe("vacuum t").kind == .utility)
    #expect(fingerprinter.describe("bogus text").kind == .unknown)
    #expect(fingerprinter.describe(" ; ").kind == .unknown)
    #expect(fingerprinter.describe("update t set a = 1").kind == .update)
    #expect(fingerprinter.describe("merge into t using s on true when matched then delete").kind == .merge)
  }

  @Test func `the lexical guess names what the parser would have named`() {
    let text =
      "with c as (select * from x) select * from c join s.\"Y\" y on true, json_table(a, '$' columns (b int)) j"
    let guess = fingerprinter.describe(text)
    #expect(guess.grammar == .masked)
    #expect(guess.kind == .select)
    #expect(guess.relations == [RelationName(schema: "", name: "x"), RelationName(schema: "s", name: "Y")])
  }
}

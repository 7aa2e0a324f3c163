import Foundation
import Testing

@testable import Bytes

@Suite struct JSONCursorTests {
  func tree(_ text: String, depthLimit: Int = 1_000) throws -> JSONTree {
    try Array(text.utf8).withUnsafeBytes { try JSONTree(parsing: $0, depthLimit: depthLimit) }
  }

  @Test func `values come out typed and exact`() throws {
    let text = #" {"a": 9007199254740993, "b":[1.5e3, -0, true, null, "x\u00e9\ud83d\ude00\n\"/"], "c":{}} "#
    let json = try tree(text)
    #expect(json["a"]?.integer == 9_007_199_254_740_993)
    #expect(json["b"]?.elements?[0].double == 1_500)
    #expect(json["b"]?.elements?[1].integer == 0)
    #expect(json["b"]?.elements?[4].string == "xé😀\n\"/")
    #expect(json["c"]?.members?.isEmpty == true)
  }

  @Test func `the cursor reads what it is asked for and skips the rest`() throws {
    let bytes = Array(#"{"skip":[{"a":[1,{"b":"]}"}]},"x\"y"],"rows":-12,"name":"n"}"#.utf8)
    try bytes.withUnsafeBytes { bytes in
      var json = JSONCursor(bytes)
      var rows: Int64?
      var name: String?
      try json.beginObject()
      while let key = try json.nextKey() {
        switch key {
        case "rows": rows = try json.integer()
        case "name": name = try json.string()
        default: try json.skipValue()
        }
      }
      try json.expectEnd()
      #expect(rows == -12)
      #expect(name == "n")
    }
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "nul", "01x", "\"abc", "[1 2]", "{\"a\":1,}", "-", "1.", "\"\\q\"", "[}",
    "{\"a\":1]",
  ])
  func `what is not JSON is an error with its place`(text: String) {
    #expect(throws: JSONError.self) { try tree(text) }
  }

  @Test func `a million open brackets are an error`() {
    #expect {
      try tree(String(repeating: "[", count: 1_000_000))
    } throws: {
      ($0 as? JSONError)?.reason == .tooDeep
    }
  }

  @Test func `integers beyond 64 bits are out of range, and skipping does not care`() throws {
    let bytes = Array("[99999999999999999999, 1]".utf8)
    try bytes.withUnsafeBytes { bytes in
      var json = JSONCursor(bytes)
      try json.beginArray()
      #expect(try json.nextElement())
      var other = json
      #expect(throws: JSONError.self) { try other.integer() }
      try json.skipValue()
      #expect(try json.nextElement())
      #expect(try json.integer() == 1)
      #expect(try !json.nextElement())
    }
  }

  /// Foundation's parser judges what is JSON and what it says.
  @Test func `mutated documents are read as Foundation reads them`() throws {
    let seedText =
      #"{"Plan":{"Node Type":"Index Scan","Rows":1.25e2,"Loops":3,"Cond":"(a = 'x\\y\u0041')","Plans":[{"A":true},{"B":null}]}}"#
    var random = SplitMix(state: 7)
    for _ in 0..<4_000 {
      var bytes = Array(seedText.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes.remove(at: at)
        case 1: bytes[at] = UInt8.random(in: 32..<127, using: &random)
        default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: at)
        }
      }
      let ours = try? bytes.withUnsafeBytes { try JSONTree(parsing: $0) }
      let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      // Foundation lets a comma before a closing bracket pass.
      if bytes.contains(where: { $0 == 0x2C }), String(decoding: bytes, as: UTF8.self).contains(/,\s*[}\]]/) {
        continue
      }
      // We let control characters, leading zeros and lone surrogates pass; what Foundation accepts we must accept.
      if theirs != nil { #expect(ours != nil, "\(String(decoding: bytes, as: UTF8.self))") }
    }
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

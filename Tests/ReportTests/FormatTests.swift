import Foundation
import Report
import Testing

struct FormatTests {
  @Test func markdownTableKeepsHostileCellsInside() {
    let table = Table(
      [.text("a|b"), .number("n")],
      rows: [[.code("select `x` | y\nfrom t"), .count(1)], [.text("<b>*x*</b> | [l](u)", tone: .critical), .nothing]])
    #expect(
      MarkdownTable(table).rendered() == """
        | a\\|b | n |
        | --- | ---: |
        | ``select `x` \\| y from t`` | 1 |
        | **&lt;b&gt;\\*x\\*&lt;/b&gt; \\| \\[l\\](u)** | – |

        """)
  }

  @Test func codeBlocksCannotBeLeft() {
    let block = Markdown.codeBlock("a\n```\nb", language: "sql")
    #expect(block == "````sql\na\n```\nb\n````\n")
  }

  @Test func csvQuotesOnlyWhereNeeded() {
    let table = Table(
      [.text("query"), .number("total_ms"), .text("x")],
      rows: [[.code("select \"a\", b\nfrom t"), .milliseconds(12.5), .nothing], ["plain", .milliseconds(3), "y"]])
    #expect(
      CSVTable(table).rendered() == "query,total_ms,x\n\"select \"\"a\"\", b\nfrom t\",12.5,\nplain,3,y\n")
  }

  @Test func jsonIsReadBackTheSame() throws {
    let text = "quote \" slash \\ tab \t nul \u{0} </script> \u{2028} é 日本 👍"
    let document = JSONValue.document([
      "text": .string(text), "calls": .integer(Int64.max), "total_ms": 0.1, "whole_ms": 3.0, "none": nil,
      "list": [1, true, [:], []], "not_a_number": .number(Double.nan),
    ])
    for json in [document.pretty, document.compact] {
      #expect(!json.contains("</"))
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      #expect(object["text"] as? String == text)
      #expect((object["calls"] as? NSNumber)?.int64Value == Int64.max)
      #expect(object["total_ms"] as? Double == 0.1)
      #expect(object["none"] is NSNull)
      #expect(object["not_a_number"] is NSNull)
      #expect((object["list"] as? [Any])?.count == 4)
    }
    #expect(document.compact.hasPrefix("{\"schema_version\":1,\"text\":"))
    #expect(document.pretty.contains("\n  \"whole_ms\": 3,\n"))
    #expect(document.pretty.hasSuffix("\n}\n"))
  }

  @Test(arguments: [0.1, 1e-7, 1e300, -2.5, 123456789.123, .leastNonzeroMagnitude]) func numbersRoundTrip(value: Double)
    throws
  {
    #expect(Double(JSONValue.number(value).compact) == value)
    let read = try JSONSerialization.jsonObject(with: Data("[\(JSONValue.number(value).compact)]".utf8)) as? [Double]
    #expect(read == [value])
  }
}

import Findings
import Foundation
import Model
import Testing

@testable import Report

@Suite struct DocumentTests {
  private let html = HTMLReport(SampleReport.report.document).rendered()
  private let markdown = MarkdownReport(SampleReport.report.document).rendered()

  @Test func theSameReportGivesTheSameBytes() {
    #expect(HTMLReport(SampleReport.report.document).rendered() == html)
    #expect(MarkdownReport(SampleReport.report.document).rendered() == markdown)
    #expect(SampleReport.report.json.pretty == SampleReport.report.json.pretty)
  }

  @Test func theFileNeedsNoNetwork() {
    let body = html.lowercased()
    for word in ["http:", "https:", " src=", "@import", "url(", "<link", "<iframe", "<img", "<object"] {
      #expect(!body.contains(word), "\(word)")
    }
    #expect(!html.contains(" style="), "the policy admits no style attributes")
    #expect(!html.contains(" onclick="))
  }

  @Test func thePolicyAdmitsJustOurScriptAndStyle() throws {
    func content(_ tag: String) throws -> String {
      let parts = html.components(separatedBy: "<\(tag)>")
      #expect(parts.count == 2, "one \(tag) element")
      return try #require(parts[1].components(separatedBy: "</\(tag)>").first)
    }
    let policy = try #require(html.range(of: "default-src 'none'; [^\"]*", options: .regularExpression))
    #expect(html[policy].contains("script-src 'sha256-" + SHA256.base64(try content("script")) + "'"))
    #expect(html[policy].contains("style-src 'sha256-" + SHA256.base64(try content("style")) + "'"))
    #expect(!html[policy].contains("unsafe"))
  }

  @Test func elementsAreClosedInOrder() throws {
    var open: [Substring] = []
    let body = html.replacingOccurrences(of: "<style>[\\s\\S]*?</style>", with: "", options: .regularExpression)
      .replacingOccurrences(of: "<script>[\\s\\S]*?</script>", with: "", options: .regularExpression)
    for tag in body.split(separator: "<").dropFirst() {
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
      if tag.hasPrefix("!") || name == "meta" || tag.prefix(while: { $0 != ">" }).hasSuffix("/") { continue }
      if tag.hasPrefix("/") { #expect(open.popLast() == name) } else { open.append(name) }
    }
    #expect(open.isEmpty)
  }

  private func attributes(_ name: String) -> [String] {
    html.components(separatedBy: " \(name)=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }

  @Test func everyLinkLeadsSomewhere() {
    let ids = attributes("id")
    #expect(Set(ids).count == ids.count, "ids are unique")
    for target in attributes("href") { #expect(ids.contains(String(target.dropFirst())), "\(target)") }
    for target in attributes("aria-labelledby") { #expect(ids.contains(target)) }
    let anchors = Set(
      markdown.components(separatedBy: "<a id=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        + markdown.split(separator: "\n").filter { $0.hasPrefix("#") }.map {
          Anchor.slug(String($0.drop { $0 == "#" }.dropFirst()))
        })
    for link in markdown.components(separatedBy: "](#").dropFirst() {
      #expect(anchors.contains(String(link.prefix { $0 != ")" })), "\(link.prefix(40))")
    }
  }

  /// A limit leaves out cards that sentences, tables and findings would point to.
  @Test func whatIsLeftOutIsNotLinkedTo() {
    var report = SampleReport.report
    report.queries = []
    report.planFindings = []
    let document = report.document
    let html = HTMLReport(document).rendered()
    let ids = Set(html.components(separatedBy: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } })
    let targets = html.components(separatedBy: " href=\"#").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(targets.count > 10)
    for target in targets { #expect(ids.contains(target), "\(target)") }
    for link in MarkdownReport(document).rendered().components(separatedBy: "](#").dropFirst() {
      #expect(document.anchors.contains(String(link.prefix { $0 != ")" })), "\(link.prefix(40))")
    }
    #expect(SampleReport.report.document != document)
  }

  @Test func tablesHaveHeadersAndChartsHaveWords() {
    #expect(!html.contains("<th>"))
    #expect(html.components(separatedBy: "<table").count > 10)
    let pictures = html.components(separatedBy: "role=\"img\">").dropFirst()
    #expect(!pictures.isEmpty)
    for picture in pictures { #expect(picture.hasPrefix("<title>")) }
    var level = 1
    for heading in html.components(separatedBy: "<h").dropFirst() {
      guard let next = heading.first?.wholeNumberValue else { continue }
      #expect(next <= level + 1 || next == 4, "no level of headings is left out")
      level = next
    }
  }

  @Test func hostileTextsStayTexts() {
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("\u{202E}"))
    #expect(!html.contains("\u{1B}"))
    #expect(html.contains("select &#39;&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;, &quot;a&amp;b&quot;"))
    #expect(!markdown.contains("\u{202E}"))
    let outsideCode = markdown.replacingOccurrences(of: "```[\\s\\S]*?```", with: "", options: .regularExpression)
      .replacingOccurrences(of: "(`+)[^`\\n]([^\\n]*?[^`\\n])?\\1(?!`)", with: "", options: .regularExpression)
    #expect(!outsideCode.contains("<script>"))
  }

  @Test(arguments: [
    "<img src=x onerror=alert(1)>", "\" onload=\"x", "]]></svg>", "&amp;", "a\u{0}b\u{7}", "{{x}}", "<!--",
    "日本\u{2066}x",
  ]) func everyTextIsEscapedEverywhere(text: String) throws {
    var report = SampleReport.report
    report.title = text
    report.subject = text
    report.targets[0].target = text
    report.quality.sources[0].name = text
    report.quality.sources[0].format = text
    report.queries[0].text = text
    report.queries[0].relations = [RelationName(schema: text, name: text)]
    report.queries[0].origins[0].name = text
    report.queries[0].plans[0].outline = [text]
    report.changes.regressed[0].note = text
    report.advice[0].summary = text
    report.advice[0].ddl = [text]
    report.planFindings[0].title = text
    report.planFindings[0].remedy.sql = [text]
    report.events[0].shape = text
    let html = HTMLReport(report.document).rendered()
    for forbidden in ["<img", "\" onload=\"x", "<!--", "\u{0}", "\u{7}", "\u{2066}", "]]></svg>"] {
      #expect(!html.contains(forbidden))
    }
    #expect(try JSONSerialization.jsonObject(with: Data(report.json.pretty.utf8)) is [String: Any])
  }

  @Test func bothFormatsSayTheSame() throws {
    // Every heading, figure and query of the one stands in the other.
    let report = SampleReport.report
    for section in report.document.sections {
      #expect(markdown.contains("## " + Markdown.escaped(section.title)))
      #expect(html.contains(">" + HTMLOutput.escaped(section.title) + "<"))
    }
    for query in report.queries {
      #expect(markdown.contains(query.fingerprint.description))
      #expect(html.contains("id=\"query-\(query.fingerprint)\""))
    }
    for advice in report.advice {
      for statement in advice.ddl + advice.rollback {
        #expect(markdown.contains(statement))
        #expect(html.contains(HTMLOutput.escaped(statement)))
      }
    }
  }

  @Test func coloursCanBeReadInLightDarkAndPrint() throws {
    func luminance(_ hex: Substring) throws -> Double {
      let digits = hex.count == 3 ? hex.flatMap { [$0, $0] } : Array(hex.prefix(6))
      let parts = try stride(from: 0, to: 6, by: 2).map { index -> Double in
        let value = Double(try #require(Int(String(digits[index...(index + 1)]), radix: 16))) / 255
        return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    // WCAG 2.1, "contrast ratio".
    let themes = HTMLStyle.sheet.components(separatedBy: ":root{").dropFirst().map { $0.prefix { $0 != "}" } }
    #expect(themes.count == 3)
    for theme in themes {
      var colours: [Substring: Double] = [:]
      for declaration in theme.split(whereSeparator: { $0 == ";" || $0 == "\n" }) where declaration.contains(":#") {
        let parts = declaration.split(separator: ":#")
        colours[parts[0]] = try luminance(parts[1])
      }
      for text in ["--text", "--muted", "--accent", "--good", "--warning", "--critical"] {
        for ground in ["--bg", "--raised", "--goodbg", "--warningbg", "--criticalbg"] {
          let (a, b) = (try #require(colours[text[...]]), try #require(colours[ground[...]]))
          #expect((max(a, b) + 0.05) / (min(a, b) + 0.05) >= 4.5, "\(text) on \(ground)")
        }
      }
    }
  }

  @Test func jsonKeysAreSnakeCaseAndBeginWithTheSchema() throws {
    let json = SampleReport.report.json.pretty
    #expect(json.hasPrefix("{\n  \"schema_version\": 1,\n"))
    func check(_ value: Any) {
      if let object = value as? [String: Any] {
        for (key, value) in object {
          #expect(key.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(key)")
          check(value)
        }
      }
      for value in value as? [Any] ?? [] { check(value) }
    }
    check(try JSONSerialization.jsonObject(with: Data(json.utf8)))
  }

  @Test func anEmptyReportIsAReport() {
    let window = ReportWindow(from: Timestamp(seconds: 0), to: Timestamp(seconds: 0))
    let report = WeeklyReport(title: "t", subject: "s", generator: "g", window: window, targetMs: 100)
    #expect(HTMLReport(report.document).rendered().contains("Nothing was recorded"))
    #expect(MarkdownReport(report.document).rendered().contains("Nothing was recorded"))
    #expect(report.json.pretty.contains("\"queries\": []"))
  }

  /// FIPS 180-4's examples, and RFC 4648's.
  @Test(arguments: [
    ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), ("abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="),
  ]) func sha256(text: String, digest: String) { #expect(SHA256.base64(text) == digest) }

  @Test func base64() {
    let texts = ["", "f", "fo", "foo", "foob"].map { Base64.encoded(Array($0.utf8)) }
    #expect(texts == ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="])
  }

  @Test(arguments: [
    (
      "SELECT a, b FROM t JOIN u ON u.id = t.id LEFT OUTER JOIN v USING (id) WHERE a = $1 AND b IN (SELECT x FROM y WHERE z) ORDER BY 1",
      "SELECT a, b\nFROM t\nJOIN u ON u.id = t.id\nLEFT OUTER JOIN v USING (id)\nWHERE a = $1 AND b IN (SELECT x FROM y WHERE z)\nORDER BY 1"
    ),
    (
      "INSERT INTO t (a, b) VALUES ($1, ' from x where ') ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING \"order\"",
      "INSERT INTO t (a, b)\nVALUES ($1, ' from x where ') ON CONFLICT (a) DO UPDATE SET b = excluded.b\nRETURNING \"order\""
    ),
    ("SELECT 1", "SELECT 1"),
    ("DELETE FROM a_table_with_a_long_name WHERE column_one IS DISTINCT FROM $1 /* from here */", nil),
  ]) func statementsBreakAtTheirClauses(sql: String, lines: String?) {
    let laidOut = SQLLayout.lines(sql)
    if let lines { #expect(laidOut == lines) }
    #expect(laidOut.split(whereSeparator: \.isWhitespace) == sql.split(whereSeparator: \.isWhitespace))
  }

  @Test(
    arguments: [
      (0.3, .number, 0.4), (7, .number, 8), (95, .perSecond, 100), (131, .milliseconds, 200),
      (61_000, .milliseconds, 120_000), (3_600_000, .milliseconds, 3_600_000), (3 * 1_048_576, .bytes, 4 * 1_048_576),
      (0, .number, 1), (.infinity, .number, 1),
    ] as [(Double, Quantity.Unit, Double)])
  func scalesEndAtRoundNumbers(value: Double, unit: Quantity.Unit, top: Double) {
    #expect(abs(SVGChart.roundTop(value, unit) - top) < 1e-9)
  }

  /// For a person who wants to look at it: `PGASSAY_SAMPLE_REPORT=DIRECTORY swift test --filter DocumentTests`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PGASSAY_SAMPLE_REPORT"] != nil)) func writeSample() throws {
    let directory = try #require(ProcessInfo.processInfo.environment["PGASSAY_SAMPLE_REPORT"])
    try Data(html.utf8).write(to: URL(filePath: directory + "/sample.html"))
    try Data(markdown.utf8).write(to: URL(filePath: directory + "/sample.md"))
    try Data(SampleReport.report.json.pretty.utf8).write(to: URL(filePath: directory + "/sample.json"))
  }
}

import Report
import Testing

struct TextTableTests {
  private let table = Table(
    [.number("calls"), .flexible("query", minimum: 10, lines: 2), .text("user")],
    rows: [
      [.count(1_234), .code("select *\n  from orders where customer_id = $1 order by created_at desc"), "app"],
      [.count(5), .code("select 1"), "someone"],
    ])

  @Test func naturalWidth() {
    let text = TextTable(table, width: nil).rendered()
    #expect(text.hasPrefix("calls  query"))
    #expect(text.contains("\n1,234  select * from orders where customer_id = $1 order by created_at desc  app\n"))
    #expect(text.contains("\n    5  select 1 "))
  }

  @Test func theFlexibleColumnGivesWay() {
    let expected = """
      calls  query                     user
      ─────  ────────────────────────  ───────
      1,234  select * from orders      app
             where customer_id = $1…
          5  select 1                  someone

      """
    #expect(TextTable(table, width: 40).rendered() == expected)
  }

  @Test(arguments: [10, 24, 33, 60, 79, 200]) func noLineIsWiderThanAsked(width: Int) {
    let widest = TextTable(table, width: width).rendered().split(separator: "\n").map { DisplayWidth.of($0) }.max()
    // Numbers and the narrowest texts need 5 + 2 + 8 + 2 + 7 columns.
    #expect((widest ?? 0) <= max(width, 24))
  }

  @Test func wideCharactersAndCombiningMarks() {
    #expect(DisplayWidth.of("日本") == 4)
    #expect(DisplayWidth.of("e\u{301}") == 1)
    #expect(DisplayWidth.of("👍🏽") == 2)
    #expect(DisplayWidth.of("▁█·") == 3)
    let table = Table([.text("name"), .number("n")], rows: [["日本", .count(1)], ["abc", .count(22)]])
    #expect(TextTable(table, width: nil).rendered() == "name   n\n────  ──\n日本   1\nabc   22\n")
  }

  @Test func aTerminalCannotBeTakenOver() {
    let hostile = "a\u{1B}[31mred\u{7}\r\n\u{202E}x\u{9B}0m"
    let text = TextTable(Table([.text("t")], rows: [[.text(hostile)]]), width: nil).rendered()
    #expect(
      text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x9B && $0.value != 0x202E) })
    #expect(text.contains("a␛[31mred␇ �x�0m"))
  }

  @Test func tonesAreColouredOnlyWhenAsked() {
    let table = Table([.text("t")], rows: [[.text("bad", tone: .critical)]])
    #expect(TextTable(table, width: nil, isColoured: true).rendered().contains("\u{1B}[1;31mbad\u{1B}[0m"))
    #expect(!TextTable(table, width: nil).rendered().contains("\u{1B}"))
  }

  @Test func sparkline() {
    #expect(Sparkline.text([0, 1, nil, 4, 8]) == "▁▂·▅█")
    #expect(Sparkline.text([]) == "")
    #expect(Sparkline.text([nil, 0]) == "·▁")
    #expect(Sparkline.text([0, 0, 1, 4, nil, 8, nil, nil], width: 4) == "▁▅█·", "the larger of each two")
    #expect(Sparkline.text([1, 2, 3, 4, 5, 6, 7], width: 3).count == 3)
  }
}

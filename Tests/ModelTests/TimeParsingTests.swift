import Model
import Testing

struct TimeParsingTests {
  @Test(arguments: [
    ("2026-03-09 14:05:33.123456+01", "2026-03-09T13:05:33.123456Z"),
    ("2026-03-09T14:05:33Z", "2026-03-09T14:05:33Z"),
    ("2026-03-09T14:05:33.5-03:30", "2026-03-09T17:35:33.500000Z"),
    ("2026-03-09 14:05:33 UTC", "2026-03-09T14:05:33Z"),
    ("2026-03-09 14:05", "2026-03-09T14:05:00Z"),
    ("2024-02-29", "2024-02-29T00:00:00Z"),
    ("1969-12-31 23:59:59.999999+00", "1969-12-31T23:59:59.999999Z"),
    ("2026-03-09 14:05:33.123456789+0545", "2026-03-09T08:20:33.123456Z"),
  ])
  func `times as PostgreSQL prints them`(text: String, expected: String) throws {
    #expect(try #require(Timestamp(text)).description == expected)
  }

  @Test(arguments: ["", "infinity", "2026-13-01", "2026-03-09 14", "2026-03-09 14:05:33+", "2026-03-09x", "12:30"])
  func `anything else is nil`(text: String) { #expect(Timestamp(text) == nil) }

  @Test func `printing and reading are inverse`() {
    var value: Int64 = -3_000_000_000_000_000
    while value < 30_000_000_000_000_000 {
      let time = Timestamp(microseconds: value)
      #expect(Timestamp(time.description) == time)
      value += 86_399_977_123_457
    }
  }
}

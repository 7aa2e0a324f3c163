import Report
import Testing

struct QuantityTests {
  @Test(arguments: [
    (0.0, "0 ms"), (0.0002, "<0.001 ms"), (0.0341, "0.034 ms"), (0.9996, "1.000 ms"), (1.234, "1.23 ms"),
    (12.345, "12.3 ms"), (999.4, "999 ms"), (999.96, "1 s"), (12_345, "12.3 s"), (59_990, "1 min"),
    (3_600_000, "1 h"), (172_800_000, "48 h"), (86_400_000, "24 h"), (3_600_000_000, "41.7 d"),
    (86_400_000_000, "1,000 d"),
  ])
  func durations(ms: Double, text: String) { #expect(Quantity.milliseconds(ms).description == text) }

  @Test(arguments: [
    (0, "0 B"), (512, "512 B"), (8_192, "8 kB"), (1_048_575, "1 MB"), (123_456_789, "118 MB"),
    (5_368_709_120, "5 GB"), (1 << 60, "1,024 PB"),
  ])
  func bytes(bytes: Int64, text: String) { #expect(Quantity.bytes(bytes).description == text) }

  @Test(arguments: [
    (Quantity.count(1_234_567), "1,234,567"), (.count(12_345_678), "12.3 M"), (.count(0), "0"),
    (.count(-1_000), "−1,000"),
    (.fraction(0), "0 %"), (.fraction(0.0001), "<0.1 %"), (.fraction(0.1234), "12.3 %"), (.fraction(0.9999), ">99.9 %"),
    (.fraction(1), "100 %"), (.change(0), "±0 %"), (.change(-0.083), "−8.3 %"), (.change(1.5), "+150 %"),
    (.change(11), "×12"), (.factor(3.4), "3.40×"), (.factor(1_234), "1,234×"), (.cost(8.31), "8.31"),
    (.cost(12_345.6), "12,346"), (.perSecond(0.25), "0.250/s"), (.milliseconds(.nan), "–"),
  ])
  func others(quantity: Quantity, text: String) { #expect(quantity.description == text) }

  @Test func certaintyIsSaid() {
    #expect(Quantity.bytes(1_024).estimated().description == "≈ 1 kB")
    #expect(Quantity.bytes(2_048).estimated(range: 1_024...4_096).description == "≈ 2 kB (1 kB – 4 kB)")
    #expect(Quantity.count(5).atLeast().description == "≥ 5")
    #expect(Quantity.milliseconds(5).atMost().description == "≤ 5 ms")
  }
}

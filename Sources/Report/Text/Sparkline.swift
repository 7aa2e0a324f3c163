/// A series of numbers as one line of block characters: `▁▂▅█`.
public enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// One character for each value, scaled from zero to the series' maximum; a gap is `·`.
  public static func text(_ values: [Double?]) -> String {
    let highest = values.compactMap { $0 }.filter(\.isFinite).max() ?? 0
    return String(
      values.map { value -> Character in
        guard let value, value.isFinite else { return "·" }
        guard highest > 0, value > 0 else { return blocks[0] }
        return blocks[min(blocks.count - 1, Int(value / highest * Double(blocks.count)))]
      })
  }
}

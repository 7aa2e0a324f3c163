/// A series of numbers as one line of block characters: `▁▂▅█`.
public enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// One character for each value, scaled from zero to the series' maximum; a gap is `·`.
  ///
  /// - Parameter width: at most so many characters; neighbouring values of a longer series share one, their maximum,
  ///   so that peaks are seen.
  public static func text(_ values: [Double?], width: Int = .max) -> String {
    let values = peaks(of: values, count: width)
    let highest = values.compactMap { $0 }.filter(\.isFinite).max() ?? 0
    return String(
      values.map { value -> Character in
        guard let value, value.isFinite else { return "·" }
        guard highest > 0, value > 0 else { return blocks[0] }
        return blocks[min(blocks.count - 1, Int(value / highest * Double(blocks.count)))]
      })
  }
  /// The series in `count` runs of neighbours as even as can be, each the largest known value in it.
  private static func peaks(of values: [Double?], count: Int) -> [Double?] {
    guard values.count > count, count > 0 else { return values }
    return (0..<count).map { index in
      values[(index * values.count / count)..<((index + 1) * values.count / count)]
        .compactMap { $0 }.filter(\.isFinite).max()
    }
  }
}

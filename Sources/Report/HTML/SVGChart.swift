/// Charts as inline SVG. Colours and line widths are classes of the style sheet, so that light, dark and print each
/// have their own; text is HTML around the picture, so that it keeps its size when the picture is stretched.
enum SVGChart {
  /// A series as a small line with its last point marked; the title says its range.
  static func sparkline(_ values: [Double?]) -> String {
    let known = values.compactMap { $0 }.filter(\.isFinite)
    guard let highest = known.max(), let lowest = known.min() else { return "" }
    let (width, height) = (88.0, 20.0)
    let step = values.count > 1 ? (width - 4) / Double(values.count - 1) : 0
    func point(_ index: Int, _ value: Double) -> String {
      let y = highest > 0 ? height - 3 - (height - 6) * max(0, value) / highest : height - 3
      return number(2 + step * Double(index)) + " " + number(y)
    }
    var svg = HTMLOutput()
    svg.element(
      "svg", ["class": "spark", "viewBox": "0 0 88 20", "width": "88", "height": "20", "role": "img"]
    ) { svg in
      svg.element(
        "title", text: "from \(Quantity.number(lowest)) to \(Quantity.number(highest)), \(values.count) steps")
      svg.raw("<path class=\"l\" d=\"\(path(values) { point($0, $1) })\"/>")
      if let last = values.indices.last, let value = values[last], value.isFinite {
        let parts = point(last, value).split(separator: " ")
        svg.raw("<circle cx=\"\(parts[0])\" cy=\"\(parts[1])\" r=\"2\"/>")
      }
    }
    return svg.text
  }

  /// The plot of a time series in a box of 1000 × 200 that is stretched to its place.
  static func plot(_ series: Chart.TimeSeries, top: Double) -> String {
    let count = max(series.lines.map(\.values.count).max() ?? 0, series.steps.count)
    let step = count > 1 ? 1_000 / Double(count - 1) : 0
    func y(_ value: Double) -> Double { 200 - 200 * min(1, max(0, value / top)) }
    var svg = HTMLOutput()
    svg.raw("<path class=\"grid\" d=\"M0 0H1000M0 100H1000M0 200H1000\"/>")
    for line in series.lines.sorted(by: { $0.isComparison && !$1.isComparison }) {
      let path = path(line.values) { number(step * Double($0)) + " " + number(y($1)) }
      if !line.isComparison {
        svg.raw("<path class=\"area\" d=\"\(area(line.values, step: step, y: y))\"/>")
      }
      svg.raw("<path class=\"\(line.isComparison ? "before" : "l")\" d=\"\(path)\"/>")
      let dots = lonePoints(line.values).map {
        "M" + number(step * Double($0.index)) + " " + number(y($0.value)) + "h0"
      }
      if !dots.isEmpty {
        svg.raw("<path class=\"\(line.isComparison ? "old dots" : "dots")\" d=\"\(dots.joined())\"/>")
      }
    }
    if let limit = series.limit, limit <= top {
      svg.raw("<path class=\"limit\" d=\"M0 \(number(y(limit)))H1000\"/>")
    }
    // Bands that say each step's values when pointed at.
    for (index, name) in series.steps.enumerated() {
      let values = series.lines.compactMap { line -> String? in
        guard index < line.values.count, let value = line.values[index] else { return nil }
        return (series.lines.count > 1 ? line.name + " " : "") + Quantity(value, series.unit).description
      }
      let left = max(0, step * (Double(index) - 0.5))
      let right = min(1_000, step * (Double(index) + 0.5))
      svg.raw(
        "<rect class=\"band\" x=\"\(number(left))\" y=\"0\" width=\"\(number(max(1, right - left)))\" height=\"200\">")
      svg.element("title", text: name + ": " + (values.isEmpty ? "no data" : values.joined(separator: ", ")))
      svg.raw("</rect>")
    }
    return svg.text
  }

  /// The bars of a distribution in a box of 1000 × 200, all of the same width.
  static func bars(_ distribution: Chart.Distribution) -> String {
    let highest = distribution.buckets.map(\.count).max() ?? 0
    let total = distribution.buckets.reduce(0) { $0 + $1.count }
    let width = 1_000 / Double(max(1, distribution.buckets.count))
    var svg = HTMLOutput()
    svg.raw("<path class=\"grid\" d=\"M0 200H1000\"/>")
    for (index, bucket) in distribution.buckets.enumerated() {
      // A rare value must be seen to be there.
      let height = bucket.count > 0 && highest > 0 ? max(3, 196 * bucket.count / highest) : 0
      let isOver = distribution.limit.map { bucket.lower >= $0 } ?? false
      svg.raw(
        "<rect class=\"\(isOver ? "over" : "bar")\" x=\"\(number(width * Double(index) + width * 0.08))\" "
          + "y=\"\(number(200 - height))\" width=\"\(number(width * 0.84))\" height=\"\(number(height))\">")
      let range =
        Quantity(bucket.lower, distribution.unit).description + " – "
        + Quantity(bucket.upper, distribution.unit).description
      let share = total > 0 ? " (\(Quantity.fraction(bucket.count / total)))" : ""
      svg.element("title", text: range + ": " + Quantity(bucket.count, .count).description + share)
      svg.raw("</rect>")
    }
    return svg.text
  }

  /// A top of the scale at or above `value` that halves into a number that is round in the unit it is shown in: 1, 2,
  /// 4, 5, 6, 8 or 10 times a power of ten of milliseconds, seconds, minutes, kilobytes and so on.
  static func roundTop(_ value: Double, _ unit: Quantity.Unit) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    let steps: [Double] =
      switch unit {
      case .milliseconds: [1, 1_000, 60_000, 3_600_000]
      case .bytes, .bytesPerSecond: [1, 1_024, 1_048_576, 1_073_741_824, 1_099_511_627_776]
      default: [1]
      }
    let step = steps.last { $0 <= value } ?? 1
    let scaled = value / step
    var power = 1.0
    while power * 10 <= scaled { power *= 10 }
    while power > scaled { power /= 10 }
    let factor = [1.0, 2, 4, 5, 6, 8, 10].first { power * $0 >= scaled } ?? 10
    return step * power * factor
  }

  private static func path(_ values: [Double?], point: (Int, Double) -> String) -> String {
    var path = ""
    var isDown = false
    for (index, value) in values.enumerated() {
      guard let value, value.isFinite else {
        isDown = false
        continue
      }
      path += (isDown ? "L" : "M") + point(index, value)
      isDown = true
    }
    return path
  }

  /// Points between gaps, which no line shows: they are drawn as dots, lines of no length with round ends.
  private static func lonePoints(_ values: [Double?]) -> [(index: Int, value: Double)] {
    values.indices.compactMap { index in
      guard let value = values[index], value.isFinite, index == 0 || values[index - 1] == nil,
        index + 1 == values.count || values[index + 1] == nil
      else { return nil }
      return (index, value)
    }
  }

  private static func area(_ values: [Double?], step: Double, y: (Double) -> Double) -> String {
    var path = ""
    var start: Int?
    for index in 0...values.count {
      if index < values.count, let value = values[index], value.isFinite {
        path += start == nil ? "M\(number(step * Double(index))) 200V" + number(y(value)) : ""
        if start != nil { path += "L\(number(step * Double(index))) " + number(y(value)) }
        start = start ?? index
      } else if start != nil {
        path += "V200Z"
        start = nil
      }
    }
    return path
  }

  /// A coordinate with at most one digit after the point.
  static func number(_ value: Double) -> String {
    let tenths = Int64((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let whole = String(tenths.magnitude / 10)
    return sign + (tenths % 10 == 0 ? whole : whole + "." + String(tenths.magnitude % 10))
  }
}

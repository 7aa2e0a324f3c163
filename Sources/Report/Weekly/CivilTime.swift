import Model

/// Dates and times as people read them, in UTC.
enum CivilTime {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  private struct Parts {
    var year: String
    var month: Int
    var day: Int
    var time: String
    var weekday: Int
  }

  private static func parts(_ at: Timestamp) -> Parts {
    let fields = at.description.split { "-T:Z.".contains($0) }.map(String.init)
    let day = at.microseconds >= 0 ? at.microseconds / 86_400_000_000 : (at.microseconds + 1) / 86_400_000_000 - 1
    return Parts(
      year: fields[0], month: Int(fields[1]) ?? 1, day: Int(fields[2]) ?? 1, time: fields[3] + ":" + fields[4],
      // 1970-01-01 was a Thursday.
      weekday: Int((day % 7 + 10) % 7))
  }

  /// `Mon 2 March 14:05`.
  static func moment(_ at: Timestamp) -> String {
    let parts = parts(at)
    return "\(weekdays[parts.weekday]) \(parts.day) \(months[parts.month - 1]) \(parts.time)"
  }

  /// `2 March 2026 14:05`.
  static func full(_ at: Timestamp) -> String {
    let parts = parts(at)
    return "\(parts.day) \(months[parts.month - 1]) \(parts.year) \(parts.time)"
  }

  /// `2 Mar 2026`.
  static func day(_ at: Timestamp) -> String {
    let parts = parts(at)
    return "\(parts.day) \(months[parts.month - 1].prefix(3)) \(parts.year)"
  }

  /// `2 March 2026 14:00 – 9 March 2026 14:00 UTC`, what both ends share said once.
  static func range(_ window: ReportWindow) -> String {
    let (from, to) = (parts(window.from), parts(window.to))
    guard from.year == to.year else { return full(window.from) + " – " + full(window.to) + " UTC" }
    let start = "\(from.day) \(months[from.month - 1]) "
    if (from.month, from.day) == (to.month, to.day) { return start + "\(from.year), \(from.time) – \(to.time) UTC" }
    return start + "\(from.time) – " + full(window.to) + " UTC"
  }

  /// Labels at equal distances of the window, each true for its place: whole days where the window has them, else
  /// dates with times, or times alone in windows of up to two days.
  static func labels(_ window: ReportWindow) -> [String] {
    let (from, span) = (window.from.microseconds, window.to.microseconds - window.from.microseconds)
    let (hour, day): (Int64, Int64) = (3_600_000_000, 86_400_000_000)
    func label(_ at: Int64, _ text: (Parts) -> String) -> String { text(parts(Timestamp(microseconds: at))) }
    func labels(every unit: Int64, _ text: (Parts) -> String) -> [String]? {
      guard span > 0, span % unit == 0, from % unit == 0 else { return nil }
      // As many as there is room for on a narrow screen.
      guard let pieces = (2...8).reversed().first(where: { (span / unit) % Int64($0) == 0 }) else { return nil }
      return (0...pieces).map { label(from + span / Int64(pieces) * Int64($0), text) }
    }
    let date: (Parts) -> String = { "\($0.day) \(months[$0.month - 1].prefix(3))" }
    if span > 2 * day {
      return labels(every: day, date) ?? (0...3).map { label(from + span * $0 / 3) { date($0) + " " + $0.time } }
    }
    return labels(every: hour) { $0.time } ?? (0...4).map { label(from + span * $0 / 4) { $0.time } }
  }
}

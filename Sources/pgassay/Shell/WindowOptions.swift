import ArgumentParser
import Model

/// `--since`, `--from` and `--to`: the stretch of time that a command is about.
///
/// Time is what the history holds, never the clock of the machine that reads it: `--since 7d` counts back from the
/// newest observation, so the same history gives the same answer on any day.
struct WindowOptions: ParsableArguments {
  /// How far back.
  enum Since: Hashable, ExpressibleByArgument {
    case all
    case last(Microseconds)

    /// `all`, or a number with a unit: `90min`, `36h`, `7d`, `2w`.
    init?(argument: String) {
      if argument == "all" {
        self = .all
        return
      }
      let digits = argument.prefix { $0.isASCII && $0.isNumber }
      let units: [Substring: Int64] = ["s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800]
      guard let number = Int64(digits), number > 0, let unit = units[argument.dropFirst(digits.count)],
        case let (seconds, overflow) = number.multipliedReportingOverflow(by: unit), !overflow,
        seconds < 100_000 * 86_400
      else { return nil }
      self = .last(Microseconds(seconds * 1_000_000))
    }
  }

  struct Instant: Hashable, ExpressibleByArgument {
    var at: Timestamp

    init?(argument: String) {
      guard let at = Timestamp(argument) else { return nil }
      self.at = at
    }
  }

  @Option(
    help: ArgumentHelp(
      "How far back from the newest observation, such as 36h, 7d or 2w; all for everything.", valueName: "duration"))
  private var since: Since?

  @Option(
    help: ArgumentHelp("Beginning, such as 2026-03-02 or '2026-03-02 08:00+01'; UTC if not said.", valueName: "time"))
  private var from: Instant?

  @Option(help: ArgumentHelp("End, itself not included.", valueName: "time"))
  private var to: Instant?

  /// Whether anything was said.
  var isGiven: Bool { since != nil || from != nil || to != nil }

  func validate() throws {
    if since != nil, from != nil || to != nil {
      throw ValidationError("--since cannot be combined with --from or --to.")
    }
    if let from, let to, from.at >= to.at { throw ValidationError("--from must be before --to.") }
  }

  /// The window in a history whose observations lie in `extent`, `standard` being meant where nothing was said.
  func window(in extent: Range<Timestamp>, standard: Since = .all) -> Range<Timestamp> {
    if from != nil || to != nil {
      let lower = from?.at ?? min(extent.lowerBound, to?.at ?? extent.lowerBound)
      return lower..<max(lower, to?.at ?? extent.upperBound)
    }
    switch since ?? standard {
    case .all: return extent
    case .last(let length):
      let lower = Timestamp(microseconds: extent.upperBound.microseconds - length.value)
      return max(extent.lowerBound, lower)..<extent.upperBound
    }
  }

  /// The window, or where nothing was said the `days` whole days (UTC) that end with the day of the newest observation.
  func calendarWindow(in extent: Range<Timestamp>, days: Int64) -> Range<Timestamp> {
    guard since == nil, from == nil, to == nil else { return window(in: extent) }
    let day: Int64 = 86_400_000_000
    // The day that holds the last observed microsecond; observations are after 1970.
    let end = ((extent.upperBound.microseconds - 1) / day + 1) * day
    return Timestamp(microseconds: end - days * day)..<Timestamp(microseconds: end)
  }

  /// The stretch of the same length that ends where `window` begins; nil where the history holds nothing of it.
  static func previous(of window: Range<Timestamp>, in extent: Range<Timestamp>) -> Range<Timestamp>? {
    guard extent.lowerBound < window.lowerBound else { return nil }
    let length = window.upperBound - window.lowerBound
    let lower = Timestamp(microseconds: window.lowerBound.microseconds - length.value)
    return lower..<window.lowerBound
  }
}

internal import Bytes
public import Model

/// How a log is to be read, beyond its format.
public struct ReadingOptions: Sendable {
  /// What becomes of the values in samples.
  public enum Parameters: String, Sendable, CaseIterable {
    /// Kept as logged.
    case keep
    /// Replaced by a hash: equal values stay equal, so skew can still be told.
    case hash
    /// Left out.
    case drop
  }

  public var parameters = Parameters.keep
  /// How many executions each logged one stands for: one over the rate of `log_min_duration_sample`'s
  /// `log_statement_sample_rate`.
  public var weight: Int64 = 1
  /// Stretches of time that another source of the same server has already.
  public var excluded: [ClosedRange<Timestamp>] = []
  /// Zone abbreviations as seconds east of UTC, where the log does not prove them.
  public var zones: [String: Int64] = [:]
  /// The language of the server's messages, as `LogSniffer.language` tells it.
  public var language = "en"
  /// Whether a duration without text and command tag may be of a parse or bind message (stderr without `%i`).
  var bareMayBeParse = true
  /// Bytes of a statement kept as a sample at most.
  static let sampleLimit = 1 << 18

  public init() {}

  @inline(__always)
  func excludes(_ time: Int64) -> Bool {
    excluded.contains { $0.lowerBound.microseconds <= time && time <= $0.upperBound.microseconds }
  }
}

extension ReadingOptions.Parameters {
  /// A sample as this choice lets it be stored.
  func apply(_ sample: ExecutionSample) -> ExecutionSample {
    guard self != .keep else { return sample }
    var result = sample
    result.parameters = sample.parameters.map { value in
      switch (self, value) {
      case (.drop, .text), (.drop, .truncated): .truncated("")
      case (_, .text(let text)): .text(Self.hashed(text))
      case (_, .truncated(let text)): .truncated(Self.hashed(text))
      case (_, .null): .null
      }
    }
    result.text = ""
    return result
  }

  private static func hashed(_ text: String) -> String {
    var text = text
    let value = text.withUTF8 { ByteHash.hash(UnsafeRawBufferPointer($0)) }
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}

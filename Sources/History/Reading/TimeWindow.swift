public import Model

/// A stretch of time: from an instant (inclusive) to another (exclusive); nil is open.
public struct TimeWindow: Hashable, Sendable {
  public var from: Timestamp?
  public var to: Timestamp?

  public init(from: Timestamp? = nil, to: Timestamp? = nil) {
    self.from = from
    self.to = to
  }

  public static let everything = TimeWindow()

  /// The stretch of the same length that ends where this one begins; nil for an open window.
  public var previous: TimeWindow? {
    guard let from, let to else { return nil }
    return TimeWindow(from: Timestamp(microseconds: from.microseconds * 2 - to.microseconds), to: from)
  }

  /// Minutes that the window touches: `from` rounded down and `to` rounded up.
  var minutes: Range<Int64> {
    let low = from?.minute ?? .min / 2
    let high = to.map { Timestamp(microseconds: $0.microseconds + 59_999_999).minute } ?? .max / 2
    return low..<max(low, high)
  }

  /// The window as few buckets as possible: whole days, and hours and minutes at its ends.
  var parts: [(level: CellLevel, buckets: Range<Int64>)] { parts(keeping: KeptLevels()) }

  /// - Parameter kept: where only hours or days are left, an end moves to the end of the hour or day that it lies in; so
  ///   neighbouring windows still count everything once.
  func parts(keeping kept: KeptLevels) -> [(level: CellLevel, buckets: Range<Int64>)] {
    func up(_ minute: Int64, _ level: CellLevel) -> Int64 {
      level.bucket(ofMinute: minute &+ level.minutes - 1)
    }
    func end(_ minute: Int64) -> Int64 {
      // Open ends are far outside and need no rounding.
      guard abs(minute) < .max / 4 else { return minute }
      let level = kept.level(ofMinute: minute)
      return up(minute, level) * level.minutes
    }
    let low = end(minutes.lowerBound)
    let minutes = low..<max(low, end(minutes.upperBound))
    let firstHour = up(minutes.lowerBound, .hour)
    let hours = firstHour..<max(firstHour, CellLevel.hour.bucket(ofMinute: minutes.upperBound))
    guard !hours.isEmpty else { return minutes.isEmpty ? [] : [(.minute, minutes)] }
    let firstDay = up(minutes.lowerBound, .day)
    let days = firstDay..<max(firstDay, CellLevel.day.bucket(ofMinute: minutes.upperBound))
    var parts: [(CellLevel, Range<Int64>)] = [
      (.minute, minutes.lowerBound..<hours.lowerBound * 60), (.minute, hours.upperBound * 60..<minutes.upperBound),
    ]
    if days.isEmpty {
      parts.append((.hour, hours))
    } else {
      parts += [
        (.hour, hours.lowerBound..<days.lowerBound * 24), (.day, days),
        (.hour, days.upperBound * 24..<hours.upperBound),
      ]
    }
    return parts.filter { !$0.1.isEmpty }
  }
}

/// From when on finer levels than days are still kept.
struct KeptLevels {
  var minutesFrom: Int64 = .min
  var hoursFrom: Int64 = .min

  /// The finest level that is there for a minute.
  func level(ofMinute minute: Int64) -> CellLevel {
    minute >= minutesFrom ? .minute : minute >= hoursFrom ? .hour : .day
  }
}

/// What part of the workload is asked for; nil means any.
public struct WorkloadFilter: Hashable, Sendable {
  public var database: String?
  public var user: String?
  public var application: String?
  /// A sqlcommenter tag as `key` or `key=value`, the value not URL-encoded.
  public var tag: String?
  /// A relation's name, with or without its schema.
  public var table: String?
  /// A piece of the statement's normalized text, letters in any case.
  public var text: String?

  public init(
    database: String? = nil, user: String? = nil, application: String? = nil, tag: String? = nil, table: String? = nil,
    text: String? = nil
  ) {
    self.database = database
    self.user = user
    self.application = application
    self.tag = tag
    self.table = table
    self.text = text
  }

  /// Whether pg_stat_statements can answer: it knows no application and no tags.
  var fitsSnapshots: Bool { application == nil && tag == nil }

  var limitsDimensions: Bool { database != nil || user != nil || application != nil || tag != nil }

  func accepts(_ dimensions: WorkloadDimensions) -> Bool {
    (database == nil || dimensions.database == database) && (user == nil || dimensions.user == user)
      && (application == nil || dimensions.application == application) && acceptsTags(dimensions.tags)
  }

  private func acceptsTags(_ tags: String) -> Bool {
    guard let tag else { return true }
    let wanted = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return SQLCommenterTags.pairs(tags).contains { $0.key == wanted[0] && (wanted.count == 1 || $0.value == wanted[1]) }
  }

  func accepts(_ statement: StatementText?) -> Bool {
    if let text {
      guard let statement, statement.normalized.lowercased().contains(text.lowercased()) else { return false }
    }
    if let table {
      let parts = table.split(separator: ".", maxSplits: 1).map(String.init)
      guard let statement else { return false }
      return statement.relations.contains { relation in
        parts.count == 2 && !relation.schema.isEmpty
          ? relation.schema == parts[0] && relation.name == parts[1] : relation.name == parts.last
      }
    }
    return true
  }
}

/// sqlcommenter tags as the history keeps them: `key='value',key='value'`, URL-encoded.
public enum SQLCommenterTags {
  public static func pairs(_ tags: String) -> [(key: String, value: String)] {
    tags.split(separator: ",").compactMap { item in
      let parts = item.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      return (decoded(parts[0]), decoded(parts[1].drop { $0 == "'" }.prefix { $0 != "'" }))
    }
  }

  private static func decoded(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(String(digits) ?? "", radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

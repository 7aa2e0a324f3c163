import Synchronization

/// What a zone abbreviation in a log means, as seconds east of UTC.
///
/// `CST` is Shanghai and Chicago alike, so the abbreviation alone decides nothing. A session id (`%c`) holds the UTC
/// second of the session's start and the session start (`%s`) the local text of the same instant; their difference is
/// the exact offset of the start's abbreviation. Where a log has both (csvlog and jsonlog always), that is used; else
/// PostgreSQL's own default reading of the abbreviation (`timezonesets/Default`).
final class ZoneOffsets: Sendable {
  private struct State {
    var derived: [UInt64: Int64] = [:]
    var assumed: Set<UInt64> = []
  }

  private let state = Mutex(State())
  /// What the user said, by abbreviation.
  private let given: [UInt64: Int64]

  init(given: [String: Int64] = [:]) {
    self.given = Dictionary(
      given.map { (ZoneOffsets.key(Array($0.key.utf8)), $0.value) }, uniquingKeysWith: { a, _ in a })
  }

  /// Abbreviations whose offset nothing in the log proved.
  var assumptions: [String] {
    state.withLock { $0.assumed.filter { $0 != ZoneOffsets.utc && $0 != ZoneOffsets.gmt } }.map(ZoneOffsets.name)
      .sorted()
  }

  func learn(_ zone: UInt64, offset: Int64) {
    state.withLock {
      $0.derived[zone] = offset
      $0.assumed.remove(zone)
    }
  }

  func knows(_ zone: UInt64) -> Bool {
    given[zone] != nil || state.withLock { $0.derived[zone] != nil }
  }

  /// The offset of an abbreviation in seconds; nil where it is neither proved nor known.
  func offset(of zone: UInt64) -> Int64? {
    if let offset = given[zone] { return offset }
    return state.withLock { state in
      if let offset = state.derived[zone] { return offset }
      guard let offset = ZoneOffsets.usual(zone) else { return nil }
      // A number is its own proof.
      if ZoneOffsets.common[ZoneOffsets.name(zone)] != nil { state.assumed.insert(zone) }
      return offset
    }
  }

  /// Up to eight bytes of an abbreviation as one number.
  static func key(_ bytes: some Collection<UInt8>) -> UInt64 {
    bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  @inline(__always)
  static func key(_ p: UnsafeRawPointer, _ from: Int, _ to: Int) -> UInt64 {
    var key: UInt64 = 0
    var i = from
    let stop = min(to, from + 8)
    while i < stop {
      key = key << 8 | UInt64(p.load(fromByteOffset: i, as: UInt8.self))
      i += 1
    }
    return key
  }

  static func name(_ key: UInt64) -> String {
    String(
      decoding: (0..<8).reversed().map { UInt8(truncatingIfNeeded: key >> UInt64($0 * 8)) }.drop { $0 == 0 },
      as: UTF8.self)
  }

  static let utc = key(Array("UTC".utf8))
  static let gmt = key(Array("GMT".utf8))

  /// PostgreSQL's default reading (src/timezone/tznames/Default), or the number in a numeric abbreviation.
  static func usual(_ zone: UInt64) -> Int64? {
    let name = name(zone)
    if let known = common[name] { return known }
    guard let sign = name.first, sign == "+" || sign == "-", let digits = Int64(name.dropFirst()) else { return nil }
    let seconds = name.utf8.count <= 3 ? digits * 3600 : digits / 100 * 3600 + digits % 100 * 60
    return sign == "-" ? -seconds : seconds
  }

  private static let common: [String: Int64] = [
    // The local time of RFC 3164, whose zone nothing tells.
    "SYSLOG": 0, "UTC": 0, "GMT": 0, "Z": 0, "UCT": 0, "WET": 0, "WEST": 3600, "BST": 3600, "IST": 7200, "CET": 3600,
    "CEST": 7200, "MEZ": 3600, "MESZ": 7200, "EET": 7200, "EEST": 10800, "MSK": 10800, "MSD": 14400, "SAST": 7200,
    "EST": -18000, "EDT": -14400, "CST": -21600, "CDT": -18000, "MST": -25200, "MDT": -21600, "PST": -28800,
    "PDT": -25200, "AKST": -32400, "AKDT": -28800, "HST": -36000, "AST": -14400, "ADT": -10800, "NST": -12600,
    "NDT": -9000, "BRT": -10800, "BRST": -7200, "ART": -10800, "JST": 32400, "KST": 32400, "HKT": 28800, "SGT": 28800,
    "PKT": 18000, "NPT": 20700, "AEST": 36000, "AEDT": 39600, "ACST": 34200, "ACDT": 37800, "AWST": 28800,
    "NZST": 43200, "NZDT": 46800,
  ]
}

/// One worker's reading of local times: a `ClockReader` and the offsets it has met.
struct ZonedClock {
  private var reader = ClockReader()
  private var startReader = ClockReader()
  private let zones: ZoneOffsets
  private var lastZone: UInt64 = 0
  private var lastOffset: Int64 = 0
  /// Whether the log or the user said so; otherwise it is PostgreSQL's default reading, good until a proof comes.
  private var lastIsProved = false

  init(_ zones: ZoneOffsets) { self.zones = zones }

  /// The UTC time at `position`: local time, a blank, a zone. Nil where it is none or the zone is unknown.
  ///
  /// `start` is the session's start in seconds since 1970 UTC and where its local text stands, for the offset.
  @inline(__always)
  mutating func read(_ p: UnsafeRawPointer, _ position: inout Int, _ end: Int) -> LocalTime? {
    guard let local = reader.read(p, &position, end) else { return nil }
    guard position < end, p.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: " ") else {
      return LocalTime(microseconds: local, zone: ZoneOffsets.utc)
    }
    let zoneEnd = ClockReader.zoneEnd(p, position + 1, end)
    guard zoneEnd > position + 1 else { return LocalTime(microseconds: local, zone: ZoneOffsets.utc) }
    let zone = ZoneOffsets.key(p, position + 1, zoneEnd)
    position = zoneEnd
    return LocalTime(microseconds: local, zone: zone)
  }

  /// The same instant in UTC; nil where the zone's offset is not known.
  @inline(__always)
  mutating func utc(_ time: LocalTime) -> Int64? {
    if time.zone != lastZone {
      guard let offset = zones.offset(of: time.zone) else { return nil }
      lastZone = time.zone
      lastOffset = offset * 1_000_000
      lastIsProved = zones.knows(time.zone)
    }
    return time.microseconds - lastOffset
  }

  /// Whether the offset of the zone is still to be proved.
  @inline(__always)
  mutating func wants(_ time: LocalTime) -> Bool {
    if time.zone == lastZone, lastIsProved { return false }
    guard zones.knows(time.zone) else { return true }
    lastZone = 0
    return false
  }

  /// Learns a zone's offset from a session's start in both forms.
  mutating func learn(_ start: UnsafeRawBufferPointer, epoch: Int64) {
    guard epoch > 0, let p = start.baseAddress else { return }
    var position = 0
    guard let local = startReader.read(p, &position, start.count), position + 1 < start.count else { return }
    let zone = ZoneOffsets.key(p, position + 1, ClockReader.zoneEnd(p, position + 1, start.count))
    let offset = local / 1_000_000 - epoch
    // No zone is farther than fifteen hours from UTC; anything else is not a session's start.
    guard zone != 0, abs(offset) <= 15 * 3600 else { return }
    zones.learn(zone, offset: offset)
    lastZone = 0
  }
}

/// A local time and its zone's abbreviation.
struct LocalTime {
  /// As if it were UTC.
  var microseconds: Int64
  var zone: UInt64
}

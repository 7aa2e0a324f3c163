import Model

/// The counted lines of the sessions that began within some minutes, packed: about a dozen bytes each.
struct LineBlock {
  /// Seconds of session starts in one block.
  private static let width: UInt64 = 512

  let bucket: Int64
  var sessions: [UInt64: [LineRange]] = [:]

  init(bucket: Int64) { self.bucket = bucket }

  static func bucket(of session: UInt64) -> Int64 { Int64((session >> 32) / width) }

  /// Milliseconds of the newest line; the smallest number without one.
  var last: Int64 { sessions.values.lazy.compactMap { $0.map(\.lastTime).max() }.max() ?? .min }

  mutating func add(_ session: UInt64, _ ranges: [LineRange]) {
    sessions[session] = LineRange.union(sessions[session] ?? [], ranges)
  }

  /// Whether one of the lines is there already.
  func overlaps(_ session: UInt64, _ ranges: [LineRange]) -> Bool {
    guard let known = sessions[session] else { return false }
    return ranges.contains { range in
      let next = LineRange.firstAbove(range.last, in: known)
      return next > 0 && known[next - 1].last >= range.first
    }
  }

  var encoded: [UInt8] {
    var out = ByteWriter()
    out.write(UInt64(sessions.count))
    let start = UInt64(bitPattern: bucket) * LineBlock.width
    for (session, ranges) in sessions.sorted(by: { $0.key < $1.key }) {
      let began = session >> 32
      out.write(began - start)
      out.write(session & 0xFFFF_FFFF)
      out.write(UInt64(ranges.count))
      var line: Int64 = 0
      var time = Int64(began) * 1_000
      for range in ranges {
        out.write(signed: range.first - line)
        out.write(signed: range.last - range.first)
        out.write(signed: range.firstTime - time)
        out.write(signed: range.lastTime - range.firstTime)
        (line, time) = (range.last, range.lastTime)
      }
    }
    return out.bytes
  }

  init(bucket: Int64, decoding bytes: UnsafeRawBufferPointer) throws(ByteReader.Damage) {
    self.init(bucket: bucket)
    var input = ByteReader(bytes)
    let start = UInt64(bitPattern: bucket) &* LineBlock.width
    for _ in 0..<(try input.count(atMost: bytes.count)) {
      let began = start &+ (try input.number())
      let session = began << 32 | (try input.number()) & 0xFFFF_FFFF
      var ranges: [LineRange] = []
      var line: Int64 = 0
      var time = Int64(truncatingIfNeeded: began) &* 1_000
      for _ in 0..<(try input.count(atMost: bytes.count)) {
        let first = line &+ (try input.signed())
        line = first &+ (try input.signed())
        let firstTime = time &+ (try input.signed())
        time = firstTime &+ (try input.signed())
        guard first <= line else { throw ByteReader.Damage(offset: input.offset) }
        ranges.append(LineRange(first: first, last: line, firstTime: firstTime, lastTime: time))
      }
      sessions[session] = ranges
    }
    guard input.isAtEnd else { throw ByteReader.Damage(offset: input.offset) }
  }
}

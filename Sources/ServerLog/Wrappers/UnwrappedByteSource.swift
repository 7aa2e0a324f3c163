public import Bytes
public import Model

/// The server's log that a wrapper carries, as the server would have written it to a file.
///
/// What comes out depends on the bytes alone, so a file that has grown gives the same beginning: a reading that goes on
/// finds its place in it.
public final class UnwrappedByteSource: ByteSource {
  private let source: any ByteSource
  private let layout: LogWrapper.Layout
  private let goesOn: Bool
  private let end: UnwrappingEnd
  private let tally: WrapperTally?
  private var reader: EnvelopeReader
  private var joiner: TextJoiner
  private var cutter: ObjectCutter
  private var text = ScratchBytes()
  private var window: UnsafeMutableRawBufferPointer
  private var filled = 0
  /// Where the window begins.
  private var place: UnwrappingPlace
  private let places: UnwrappingPlaces?
  /// Bytes of the output that were handed over.
  private var taken = 0
  private var atEnd = false

  private static let windowSize = 1 << 18
  /// The largest record that is read.
  private static let recordLimit = 64 << 20

  /// - Parameters:
  ///   - stamps: puts the transport's time and process in front of each line, as `%m [%p] ` would, for logs whose own
  ///     prefix has none.
  ///   - reference: a time that no entry is later than, for transports that leave out the year.
  ///   - end: what the end of `source` means.
  ///   - place: where `source` stands.
  ///   - places: told the places from which another reading can go on.
  ///   - tally: counts what is none of the server's.
  public init(
    _ source: any ByteSource, _ wrapper: LogWrapper, stamps: Bool = false, reference: Timestamp, end: UnwrappingEnd,
    from place: UnwrappingPlace = UnwrappingPlace(), places: UnwrappingPlaces? = nil, tally: WrapperTally? = nil
  ) {
    self.source = source
    self.end = end
    self.place = place
    self.places = places
    self.tally = tally
    layout = wrapper.layout
    goesOn = wrapper.goesOn
    reader = EnvelopeReader(wrapper, reference: reference.microseconds)
    joiner = TextJoiner(wrapper, stamps: stamps, written: place.written, tally: tally)
    if case .objects(let depth) = wrapper.layout {
      cutter = ObjectCutter(depth: depth)
    } else {
      cutter = ObjectCutter(depth: 0)
    }
    window = .allocate(byteCount: UnwrappedByteSource.windowSize, alignment: 16)
  }

  deinit { window.deallocate() }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    while taken == joiner.output.count {
      joiner.takeOutput()
      taken = 0
      if atEnd { return 0 }
      try advance()
    }
    let count = min(buffer.count, joiner.output.count - taken)
    buffer.copyMemory(
      from: UnsafeRawBufferPointer(start: UnsafeRawPointer(joiner.output.base) + taken, count: count))
    taken += count
    return count
  }

  private func advance() throws(ByteSourceError) {
    if filled == window.count { grow() }
    let got = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: window[filled...]))
    filled += got
    atEnd = got == 0
    let used =
      switch layout {
      case .lines: readLines()
      case .objects: readObjects()
      }
    place.offset += Int64(used)
    if used > 0 {
      window.copyMemory(from: UnsafeRawBufferPointer(rebasing: window[used..<filled]))
      filled -= used
      cutter.drop(used)
    }
    if goesOn, let place = joiner.resumption(at: place) {
      places?.add(place)
    }
    if atEnd {
      joiner.finish(end)
      // A last line without its end is a part of what is held back.
      let isCut = if case .lines = layout { filled > 0 } else { false }
      tally?.isWaiting = end != .final && (joiner.isWaiting || isCut)
    }
  }

  private func grow() {
    if window.count >= UnwrappedByteSource.recordLimit {
      // Nothing that a transport writes is so large: it is left out, and said so.
      joiner.add(.unreadable, UnsafeRawBufferPointer(start: nil, count: 0), place)
      place.offset += Int64(filled)
      filled = 0
      cutter.drop(cutter.scanned)
      return
    }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: window.count * 2, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: window[..<filled]))
    window.deallocate()
    window = larger
  }

  private func readLines() -> Int {
    guard let base = window.baseAddress else { return 0 }
    let p = UnsafeRawPointer(base)
    var position = 0
    while position < filled {
      let lineEnd: Int
      let next: Int
      if let newline = memory(p + position, 0x0A, filled - position) {
        lineEnd = newline - p
        next = lineEnd + 1
      } else if atEnd, end == .final {
        lineEnd = filled
        next = filled
      } else {
        break
      }
      if lineEnd > position { record(p, position, lineEnd) }
      place.line += 1
      position = next
    }
    return position
  }

  private func readObjects() -> Int {
    guard let base = window.baseAddress else { return 0 }
    let p = UnsafeRawPointer(base)
    while let object = cutter.next(p, filled) { record(p, object.lowerBound, object.upperBound) }
    let used = cutter.start ?? cutter.scanned
    place.line += Int64(countBytes(p, 0x0A, used))
    return used
  }

  private func record(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) {
    text.removeAll()
    let envelope = reader.read(p, from, end, &text)
    if case .unreadable = envelope {
      tally?.example(
        line: place.line,
        String(decoding: UnsafeRawBufferPointer(start: p + from, count: min(end - from, 100)), as: UTF8.self))
    }
    var origin = place
    origin.offset += Int64(from)
    joiner.add(envelope, text.bytes, origin)
  }
}

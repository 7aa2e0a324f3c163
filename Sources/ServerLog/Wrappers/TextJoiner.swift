internal import Bytes

/// Puts together what a wrapper took apart, in the order in which its first pieces stood, and writes it as the server
/// would have written it to a file: the lines of an entry one behind the other, a TAB before those that go on.
///
/// syslog cuts a message at its line breaks and after 900 bytes (`write_syslog` in src/backend/utils/error/elog.c), and
/// the pieces of several processes stand between each other. A message is whole when its process begins another, or
/// when nothing came for it in so many records.
struct TextJoiner: ~Copyable {
  /// Records of others after which no more pieces are waited for.
  private static let patience: Int64 = 256
  /// The size to which syslog cuts (`PG_SYSLOG_LIMIT`).
  private static let syslogLimit = 900

  private struct Message {
    var carried: CarriedText
    var text: [UInt8]
    /// Length of the last piece.
    var last: Int
    /// Number of the last record that brought something.
    var seen: Int64
    /// Where its first record begins.
    var origin: UnwrappingPlace
    var isOpen = true
  }

  private let joinsPieces: Bool
  private let stamps: Bool
  private let tally: WrapperTally?
  /// Messages whose end is not known, by the order of their beginnings. `first` is the number of the first.
  private var queue: [Message] = []
  private var first = 0
  private var latest: [UInt64: Int] = [:]
  private var records: Int64 = 0
  /// Lines under way, by stream, where a wrapper cuts only lines.
  private var lines: [UInt64: (carried: CarriedText, text: [UInt8])] = [:]
  /// The last record where lines without an envelope follow.
  private var open: (carried: CarriedText, text: [UInt8], origin: UnwrappingPlace)?
  private let keepsOpen: Bool
  private(set) var output = ScratchBytes()
  /// Bytes written, in all.
  private(set) var written: Int64

  init(_ wrapper: LogWrapper, stamps: Bool, written: Int64, tally: WrapperTally?) {
    self.written = written
    switch wrapper.kind {
    case .syslog, .heroku, .journal: joinsPieces = true
    default: joinsPieces = false
    }
    switch wrapper.kind {
    case .timed, .cloudWatchText: keepsOpen = true
    default: keepsOpen = false
    }
    self.stamps = stamps
    self.tally = tally
  }

  mutating func takeOutput() { output.removeAll() }

  /// Where unwrapping can begin anew, once all records before `place` were added: there, or where the first record begins
  /// that is still waited for. Nil while neither is so.
  func resumption(at place: UnwrappingPlace) -> UnwrappingPlace? {
    var result = queue.first?.origin ?? open?.origin
    if result == nil {
      guard lines.isEmpty else { return nil }
      result = place
    }
    result?.written = written
    return result
  }

  /// - Parameter origin: where the record begins.
  mutating func add(_ envelope: Envelope, _ text: UnsafeRawBufferPointer, _ origin: UnwrappingPlace) {
    records += 1
    switch envelope {
    case .text(let carried):
      if joinsPieces {
        addPiece(carried, text, origin)
      } else if keepsOpen {
        closeOpen()
        open = (carried, Array(text), origin)
      } else {
        addLine(carried, text)
      }
    case .more:
      guard open != nil else {
        tally?.count(.orphan, offset: written)
        return
      }
      open?.text.append(0x0A)
      open?.text.append(contentsOf: text)
    case .foreign: tally?.count(.foreign, offset: written)
    case .unreadable: tally?.count(.unreadable, offset: written)
    }
    if joinsPieces { release(upTo: records - TextJoiner.patience) }
  }

  /// Writes what is left, as far as it is whole.
  mutating func finish(_ end: UnwrappingEnd) {
    if end == .growing { return }
    let isFinal = end == .final
    if isFinal {
      for (_, line) in lines.sorted(by: { $0.key < $1.key }) { put(line.text, line.carried) }
      lines.removeAll()
      closeOpen()
    }
    release(upTo: isFinal ? records : records - 1)
  }

  /// Whether something was added that is not written yet.
  var isWaiting: Bool { !queue.isEmpty || open != nil || !lines.isEmpty }

  // MARK: Lines

  private mutating func addLine(_ carried: CarriedText, _ text: UnsafeRawBufferPointer) {
    if carried.continues || !lines.isEmpty {
      if var line = lines.removeValue(forKey: carried.stream) {
        line.text.append(contentsOf: text)
        if carried.continues { lines[carried.stream] = line } else { put(line.text, line.carried) }
        return
      }
      if carried.continues {
        lines[carried.stream] = (carried, Array(text))
        return
      }
    }
    put(text, carried)
  }

  private mutating func closeOpen() {
    guard let line = open else { return }
    open = nil
    put(line.text, line.carried)
  }

  // MARK: Pieces

  private mutating func addPiece(_ carried: CarriedText, _ text: UnsafeRawBufferPointer, _ origin: UnwrappingPlace) {
    let isTabbed = text.first == 0x09
    let goesOn = carried.piece > 1 || carried.piece < 0 && isTabbed
    if goesOn || lines[carried.stream] != nil {
      guard let number = latest[carried.stream], number >= first,
        carried.sequence < 0 || queue[number - first].carried.sequence == carried.sequence
      else {
        tally?.count(.orphan, offset: written)
        return
      }
      var separates = isTabbed
      if !isTabbed, carried.piece > 1 {
        separates = !TextJoiner.isCut(queue[number - first].last, text)
      } else if lines.removeValue(forKey: carried.stream) != nil {
        separates = false
      }
      if separates { queue[number - first].text.append(0x0A) }
      queue[number - first].text.append(contentsOf: text)
      queue[number - first].last = text.count
      queue[number - first].seen = records
    } else {
      if let number = latest[carried.stream], number >= first { queue[number - first].isOpen = false }
      latest[carried.stream] = first + queue.count
      queue.append(Message(carried: carried, text: Array(text), last: text.count, seen: records, origin: origin))
    }
    // The journal cuts long lines without a mark of its own in the next one.
    if carried.continues { lines[carried.stream] = (carried, []) }
  }

  /// Whether a piece begins in the middle of a line: the one before it was as long as syslog lets it be, up to the word
  /// that did not fit.
  private static func isCut(_ last: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    var word = 0
    while word < text.count, text[word] == 0x20 { word += 1 }
    while word < text.count, text[word] > 0x20 { word += 1 }
    // A character of several bytes is not cut either.
    return last + word > syslogLimit - 4 && last <= syslogLimit
  }

  /// Writes the messages at the front that are whole: closed, or not heard of since a record.
  private mutating func release(upTo limit: Int64) {
    var count = 0
    while count < queue.count, !queue[count].isOpen || queue[count].seen <= limit {
      put(queue[count].text, queue[count].carried)
      count += 1
    }
    guard count > 0 else { return }
    queue.removeFirst(count)
    first += count
    if latest.count > 4 * queue.count + 1_024 {
      let oldest = first
      latest = latest.filter { $0.value >= oldest }
    }
  }

  // MARK: Writing

  private mutating func put(_ text: [UInt8], _ carried: CarriedText) {
    text.withUnsafeBytes { put($0, carried) }
  }

  private mutating func put(_ text: UnsafeRawBufferPointer, _ carried: CarriedText) {
    guard let p = text.baseAddress else { return }
    let before = output.count
    var end = text.count
    while end > 0, text[end - 1] == 0x0A { end -= 1 }
    var start = 0
    while start < end {
      let stop = memory(p + start, 0x0A, end - start).map { $0 - p } ?? end
      let goesOn = text[start] == 0x09
      if start > 0, !goesOn, !TextJoiner.isPart(p, start, stop) {
        // The transport took away the TAB.
        output.append(0x09)
      } else if stamps, !goesOn {
        stamp(carried)
      }
      output.append(p + start, stop - start)
      output.append(0x0A)
      start = stop + 1
    }
    written += Int64(output.count - before)
  }

  /// Whether a line has a severity or the name of a part (`DETAIL:  `), and so a prefix of its own.
  private static func isPart(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Bool {
    var i = from
    let limit = min(end, from + 512)
    while let found = memory(p + i, Int32(UInt8(ascii: ":")), limit - i) {
      let at = found - p
      if at + 2 < end, p.load(fromByteOffset: at + 1, as: UInt8.self) == 0x20,
        p.load(fromByteOffset: at + 2, as: UInt8.self) == 0x20, at > from,
        p.load(fromByteOffset: at - 1, as: UInt8.self) >= 0x41
      {
        return true
      }
      i = at + 1
    }
    return false
  }

  /// `2026-11-23 18:39:18.700123 UTC [123] `, for lines that have no time of their own.
  private mutating func stamp(_ carried: CarriedText) {
    let time = carried.time == .min ? 0 : carried.time
    let (days, inDay) = time.quotientAndRemainder(dividingBy: 86_400_000_000)
    let (year, month, day) = ClockReader.date(days)
    number(year, 4)
    output.append(UInt8(ascii: "-"))
    number(month, 2)
    output.append(UInt8(ascii: "-"))
    number(day, 2)
    output.append(0x20)
    number(inDay / 3_600_000_000, 2)
    output.append(UInt8(ascii: ":"))
    number(inDay / 60_000_000 % 60, 2)
    output.append(UInt8(ascii: ":"))
    number(inDay / 1_000_000 % 60, 2)
    output.append(UInt8(ascii: "."))
    number(inDay % 1_000_000, 6)
    for byte in (carried.isLocal ? TextJoiner.localZone : " UTC [").utf8 { output.append(byte) }
    number(max(carried.process, 0), 1)
    output.append(UInt8(ascii: "]"))
    output.append(0x20)
  }

  /// What RFC 3164's times are written with: the user can say what it means.
  private static let localZone = " \(LogWrapper.localZone) ["

  private mutating func number(_ value: Int64, _ width: Int) {
    let digits = String(value).utf8
    for _ in 0..<max(0, width - digits.count) { output.append(UInt8(ascii: "0")) }
    for byte in digits { output.append(byte) }
  }
}

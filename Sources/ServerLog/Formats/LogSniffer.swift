internal import Bytes

/// Tells what format a log has from its first bytes.
public struct LogSniffer: Sendable {
  /// Bytes of content that are looked at.
  public static let sampleSize = 1 << 20

  public enum Verdict: Sendable {
    case log(LogFormat)
    /// Text, and some of it looks like a server log, but no prefix fits nearly all of it.
    case unclearPrefix(Mismatch)
    /// Nothing that a server wrote.
    case notALog
  }

  /// Why a prefix is not believed: shown to the user.
  public struct Mismatch: Sendable, Equatable {
    public var prefix: String
    public var matched: Int
    /// Lines whose fields cannot be what the prefix takes them for.
    public var implausible: Int
    public var lines: Int
    /// Numbers and beginnings of the first lines that do not fit.
    public var examples: [(line: Int, text: String)]
    /// A prefix that fits better, if one was found.
    public var guess: String?

    public static func == (a: Mismatch, b: Mismatch) -> Bool {
      a.prefix == b.prefix && a.matched == b.matched && a.implausible == b.implausible && a.lines == b.lines
        && a.guess == b.guess
        && a.examples.map(\.line) == b.examples.map(\.line)
    }
  }

  /// The share of lines that a prefix must fit. The rest may be written by others (an archive command, a library).
  static let leastShare = 0.9

  public init() {}

  /// The language of a log's messages (`de`, `zh_CN`; `en` where nothing tells): the one whose words it holds most.
  public func language(of head: UnsafeRawBufferPointer) -> String {
    let sample = UnsafeRawBufferPointer(rebasing: head.prefix(128 << 10))
    var best = (language: MessageTable.english.language, count: score(sample, .english))
    // A log in English has English durations or errors, and few of another language's words.
    for table in MessageTable.all.dropFirst() {
      let count = score(sample, table)
      if count > best.count { best = (table.language, count) }
    }
    return best.language
  }

  private func score(_ sample: UnsafeRawBufferPointer, _ table: MessageTable) -> Int {
    guard let p = sample.baseAddress else { return 0 }
    func count(_ phrase: Phrase) -> Int {
      var total = 0
      var position = 0
      while let found = phrase.find(p, position, sample.count) {
        total += 1
        position = found + phrase.count
      }
      return total
    }
    return table.durations.elements.reduce(0) { $0 + count($1.lead) }
      + table.severities.elements.reduce(0) { $0 + count($1.phrase) }
      + table.parts.elements.reduce(0) { $0 + count($1.phrase) }
      + table.severityWords.elements.reduce(0) { $0 + count($1.csv) }
  }

  /// - Parameter prefix: the `log_line_prefix` that the user gave, for stderr.
  public func judge(_ head: UnsafeRawBufferPointer, prefix: String? = nil) -> Verdict {
    if isJSON(head) { return .log(.json) }
    if isCSV(head) { return .log(.csv) }
    let tables = MessageTable.tables(language(of: head))
    let inference = PrefixInference(tables: tables)
    if let prefix {
      let fit = inference.fit(LinePrefix(prefix), head)
      if fit.share >= LogSniffer.leastShare || inference.declares(fit.prefix, head, share: LogSniffer.leastShare) {
        return .log(.stderr(fit.prefix))
      }
      let guess = inference.infer(head)
      guard fit.matched > 0 || guess != nil || inference.looksLikeLog(head) else { return .notALog }
      return .unclearPrefix(mismatch(fit, inference, head, guess: guess))
    }
    guard let fit = inference.infer(head) else {
      // Lines of a server with a prefix of which nothing was made out are not nothing.
      guard inference.looksLikeLog(head) else { return .notALog }
      let none = inference.fit(LinePrefix(""), head)
      return .unclearPrefix(mismatch(none, inference, head, guess: nil))
    }
    if fit.share >= LogSniffer.leastShare {
      guard !fit.isImplausible else { return .unclearPrefix(mismatch(fit, inference, head, guess: nil)) }
      return .log(.stderr(fit.prefix))
    }
    // The prefix may have changed in between.
    if let first = inference.inferChanging(head, share: LogSniffer.leastShare) { return .log(.stderr(first.prefix)) }
    return .unclearPrefix(mismatch(fit, inference, head, guess: nil))
  }

  /// What of a prefix that was found out nothing in the log proves, in a sentence; nil where it is sure.
  public func doubt(about format: LogFormat, _ head: UnsafeRawBufferPointer) -> String? {
    guard case .stderr(let prefix) = format else { return nil }
    let inference = PrefixInference(tables: MessageTable.tables(language(of: head)))
    guard let rival = inference.rival(of: prefix, head) else { return nil }
    return "its lines prove no log_line_prefix: '\(prefix.text)' is taken, but '\(rival.text)' would fit as well; "
      + "if users, databases or applications look wrong, give the server's with --prefix"
  }

  private func mismatch(
    _ fit: PrefixInference.Fit, _ inference: PrefixInference, _ head: UnsafeRawBufferPointer,
    guess: PrefixInference.Fit?
  ) -> Mismatch {
    Mismatch(
      prefix: fit.prefix.text, matched: fit.matched, implausible: fit.isImplausible ? fit.evidence.implausible : 0,
      lines: fit.total, examples: inference.misfits(fit.isImplausible ? LinePrefix("") : fit.prefix, head, limit: 3),
      guess: guess.flatMap { $0.matched > fit.matched ? $0.prefix.text : nil })
  }

  /// The first lines hold an object with the keys of an entry; the very first may be the end of one.
  private func isJSON(_ head: UnsafeRawBufferPointer) -> Bool {
    guard let p = head.baseAddress else { return false }
    var position = 0
    for _ in 0..<3 {
      let end = memory(p + position, 0x0A, head.count - position).map { $0 - p } ?? head.count
      if position < end, head[position] == UInt8(ascii: "{"), LogSniffer.jsonTime.find(p, position, end) != nil,
        LogSniffer.jsonSeverity.find(p, position, end) != nil
      {
        return true
      }
      position = end + 1
      if position >= head.count { break }
    }
    return false
  }

  private func isCSV(_ head: UnsafeRawBufferPointer) -> Bool {
    guard let p = head.baseAddress else { return false }
    var clock = ClockReader()
    var position = 0
    // A time, a comma after the zone, and the session's id in the sixth column.
    guard clock.read(p, &position, head.count) != nil, position < head.count, head[position] == 0x20 else {
      return false
    }
    position = ClockReader.zoneEnd(p, position + 1, head.count)
    guard position < head.count, head[position] == UInt8(ascii: ",") else { return false }
    var column = 0
    var quoted = false
    while position < head.count {
      let byte = head[position]
      if byte == UInt8(ascii: "\"") { quoted.toggle() }
      if byte == UInt8(ascii: ","), !quoted {
        column += 1
        if column == 5 {
          var i = position + 1
          return sessionID(p, &i, head.count) != nil && i < head.count && head[i] == UInt8(ascii: ",")
        }
      }
      position += 1
    }
    return false
  }

  private static let jsonTime = Phrase("\"timestamp\"")
  private static let jsonSeverity = Phrase("\"error_severity\"")
}

extension PrefixInference {
  /// The first lines that a prefix does not fit, counted from one, cut to what fits a terminal's line.
  func misfits(_ prefix: LinePrefix, _ head: UnsafeRawBufferPointer, limit: Int) -> [(line: Int, text: String)] {
    guard let p = head.baseAddress else { return [] }
    var matcher = PrefixMatcher(prefix, tables: tables, clock: ZonedClock(ZoneOffsets()))
    var result: [(line: Int, text: String)] = []
    var number = 0
    var position = 0
    while position < head.count, result.count < limit {
      let end = memory(p + position, 0x0A, head.count - position).map { $0 - p } ?? head.count
      number += 1
      var fields = PrefixMatcher.Fields()
      if end > position, head[position] != 0x09, !matcher.match(p, position, end, &fields) {
        let text = String(decoding: head[position..<min(end, position + 100)], as: UTF8.self)
        result.append((number, text))
      }
      position = end + 1
    }
    return result
  }
}

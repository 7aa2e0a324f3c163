internal import Bytes

/// Finds the `log_line_prefix` of a log from a sample of its lines: well-known prefixes and ones made from the lines
/// themselves are tried, and the one that fits most lines and says most wins.
struct PrefixInference {
  /// How well a prefix fits a sample.
  struct Fit {
    var prefix: LinePrefix
    var matched: Int
    /// Lines that are no continuation of another.
    var total: Int
    var share: Double { total == 0 ? 0 : Double(matched) / Double(total) }
  }

  let tables: [MessageTable]
  private static let sampleLines = 2_000

  init(tables: [MessageTable]) { self.tables = tables }

  /// The best prefix for the lines in `head`; nil where no line looks like a server log's.
  func infer(_ head: UnsafeRawBufferPointer) -> Fit? {
    let lines = sample(head)
    guard let p = head.baseAddress, !lines.isEmpty else { return nil }
    var candidates = PrefixInference.wellKnown
    var seen = Set(candidates)
    let every = max(1, lines.count / 100)
    for (number, line) in lines.enumerated() where number % every == 0 {
      guard let guess = PrefixGuess(p, line, tables).text, seen.insert(guess).inserted else { continue }
      candidates.append(guess)
      if candidates.count > 120 { break }
    }
    // Prefixes that stop at %q for background processes fit as well as ones that do not, and more lines.
    candidates += candidates.compactMap { text in
      guard !text.contains("%q"), let bracket = text.firstRange(of: "[%p] "), bracket.upperBound < text.endIndex else {
        return nil
      }
      let with = text[..<bracket.upperBound] + "%q" + text[bracket.upperBound...]
      return seen.insert(String(with)).inserted ? String(with) : nil
    }
    // Nearly all candidates fail on a handful of lines; only the best are tried on all.
    let few = stride(from: 0, to: lines.count, by: max(1, lines.count / 80)).map { lines[$0] }
    let leaders = candidates.map { fit(LinePrefix($0), p, few) }
      .filter { $0.matched > 0 && $0.prefix.hasTime }
      .sorted { ($0.matched, $0.prefix.specificity) > ($1.matched, $1.prefix.specificity) }
      .prefix(6)
    var best: Fit?
    for leader in leaders {
      let fit = fit(leader.prefix, p, lines)
      guard let current = best else {
        best = fit
        continue
      }
      if (fit.matched, fit.prefix.specificity) > (current.matched, current.prefix.specificity) { best = fit }
    }
    return best
  }

  /// How well a given prefix fits.
  func fit(_ prefix: LinePrefix, _ head: UnsafeRawBufferPointer) -> Fit {
    guard let p = head.baseAddress else { return Fit(prefix: prefix, matched: 0, total: 0) }
    return fit(prefix, p, sample(head))
  }

  private func fit(_ prefix: LinePrefix, _ p: UnsafeRawPointer, _ lines: [Range<Int>]) -> Fit {
    var matcher = PrefixMatcher(prefix, tables: tables, clock: ZonedClock(ZoneOffsets()))
    var matched = 0
    for line in lines {
      var fields = PrefixMatcher.Fields()
      if matcher.match(p, line.lowerBound, line.upperBound, &fields) { matched += 1 }
    }
    return Fit(prefix: prefix, matched: matched, total: lines.count)
  }

  /// The whole lines that begin an entry or a part of one.
  private func sample(_ head: UnsafeRawBufferPointer) -> [Range<Int>] {
    guard let p = head.baseAddress else { return [] }
    var lines: [Range<Int>] = []
    var position = 0
    while position < head.count, lines.count < PrefixInference.sampleLines {
      guard let newline = memory(p + position, 0x0A, head.count - position) else { break }
      let end = newline - p
      if end > position, head[position] != 0x09 { lines.append(position..<end) }
      position = end + 1
    }
    if lines.isEmpty, !head.isEmpty { lines = [0..<head.count] }
    return lines
  }

  /// Defaults of PostgreSQL, distributions and hosters, and the ones that log analysers recommend.
  static let wellKnown = [
    "%m [%p] ", "%t [%p] ", "%m ", "%t ", "%n [%p] ", "%m [%p] %q%u@%d ", "%t [%p] %q%u@%d ", "%m [%p] %q%u@%d/%a ",
    "%t [%p-%l] %q%u@%d ", "%m [%p-%l] %q%u@%d ", "%m [%p] %u@%d ", "%t %u@%d ", "%m %u@%d ", "%t [%p]: [%l-1] ",
    "%m [%p]: [%l-1] ", "%t [%p]: [%l-1] user=%u,db=%d ", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l] user=%u,db=%d,app=%a,client=%h ", "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ", "%m [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] db=%d,user=%u ", "%m [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ", "%t:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:", "%m:%r:%u@%d:[%p]:", "%t-%c-", "%m-%c-", "%t-%c-u\"%u\"u-",
    "%m [%p] %q[user=%u,db=%d,app=%a] ", "%m [%p] %q[%u@%d] ", "%m [%p] %q%a ", "%m [%p] %q%u %d ", "%m %p %u %d %r ",
    "%t %p %u %d %r ", "%m [%p] %q%u@%d %a ", "%m [%p] %q%r %u@%d/%a ", "%m %q%u@%d [%p] ", "%m [%c] ",
    // Heroku's, with and without the transport's time in front.
    " sql_error_code = %e time_ms = \"%m\" pid=\"%p\" proc_start_time=\"%s\" session_id=\"%c\" vtid=\"%v\" tid=\"%x\" "
      + "log_line=\"%l\" %qdatabase=\"%d\" connection_source=\"%r\" user=\"%u\" application_name=\"%a\" ",
    "%m [%p]  sql_error_code = %e ",
    "%m [%c] %q%u@%d ", "%m %c ", "< %m %p >", "< %m >", "<%m [%p]> ",
  ]
}

internal import Bytes

/// A prefix that a log has from some line on.
struct PrefixChange: Equatable {
  var prefix: LinePrefix
  /// Whether its lines only stand between others which have a known prefix.
  var isPassing: Bool
  /// Whether the server said so.
  var isAnnounced: Bool
}

/// Finds the `log_line_prefix` of a log from a sample of its lines: well-known prefixes and ones made from the lines
/// themselves are tried, and the one that fits most lines and says most wins.
struct PrefixInference {
  /// How well a prefix fits a sample.
  struct Fit {
    var prefix: LinePrefix
    var matched: Int
    /// Lines that are no continuation of another.
    var total: Int
    var evidence: PrefixEvidence
    /// The places in the sample of the lines that it does not fit.
    var missed: [Int] = []
    var share: Double { total == 0 ? 0 : Double(matched) / Double(total) }

    /// Whether so many lines contradict that the prefix must be another.
    var isImplausible: Bool { evidence.implausible >= 3 && 10 * evidence.implausible > matched }

    fileprivate var specificity: Int {
      evidence.beyondStop > 0 ? prefix.specificity : prefix.specificityToStop
    }

    /// Of prefixes that fit alike the one with the fewest words of its own is likeliest: a name that all lines have,
    /// because one client wrote them, is a name all the same.
    static func < (a: Fit, b: Fit) -> Bool {
      func rank(_ fit: Fit) -> (Int, Int, Int, Int, Int) {
        let evidence = fit.evidence
        return (
          fit.matched - evidence.contradicted - evidence.implausible - evidence.unlikely, -fit.prefix.plainWords,
          evidence.proved + evidence.agreement, fit.specificity, -evidence.blankNames
        )
      }
      return rank(a) < rank(b)
    }
  }

  let tables: [MessageTable]
  private static let sampleLines = 2_000

  init(tables: [MessageTable]) { self.tables = tables }

  /// The best prefix for the lines in `head`; nil where no line looks like a server log's.
  func infer(_ head: UnsafeRawBufferPointer) -> Fit? {
    let lines = sample(head)
    guard let p = head.baseAddress, !lines.isEmpty else { return nil }
    return ranked(candidates(p, lines), p, lines).first
  }

  /// Whether most lines have a severity behind something with a number in it.
  func looksLikeLog(_ head: UnsafeRawBufferPointer) -> Bool {
    let lines = sample(head)
    guard let p = head.baseAddress else { return false }
    return 2 * lines.count { PrefixGuess.looksLikeEntry(p, $0, tables) } > lines.count
  }

  /// The prefix of the first lines where the log as a whole has several, and how much all of them fit together.
  /// - Parameter share: of the lines that must fit.
  func inferChanging(_ head: UnsafeRawBufferPointer, share: Double) -> Fit? {
    let lines = sample(head)
    guard let p = head.baseAddress, let last = lines.last else { return nil }
    var count = lines.count
    while count > 2 || count == lines.count {
      let first = Array(lines.prefix(count))
      if let fit = ranked(candidates(p, first), p, first).first, fit.share >= share,
        firstFits(fit.prefix, p, first)
      {
        let known = followed(
          fit.prefix, UnsafeRawBufferPointer(rebasing: head[..<min(last.upperBound + 1, head.count)]))
        let matched = lines.count - unmatched(by: known, p, lines).count
        if Double(matched) >= share * Double(lines.count) {
          return Fit(prefix: fit.prefix, matched: matched, total: lines.count, evidence: fit.evidence)
        }
      }
      count /= 2
    }
    return nil
  }

  /// Whether a prefix that the user gave is the log's up to a place where the server says that it changed.
  func declares(_ prefix: LinePrefix, _ head: UnsafeRawBufferPointer, share: Double) -> Bool {
    let lines = sample(head)
    guard let p = head.baseAddress, firstFits(prefix, p, lines),
      let place = unmatched(by: [prefix], p, lines).first(where: { PrefixGuess.looksLikeEntry(p, $0, tables) }),
      lines.contains(where: { $0.lowerBound <= place.lowerBound && declared(p, $0) != nil })
    else { return false }
    return Double(lines.count - unmatched(by: followed(prefix, head), p, lines).count) >= share * Double(lines.count)
  }

  /// The prefix that the server says it has from this line on.
  private func declared(_ p: UnsafeRawPointer, _ line: Range<Int>) -> String? {
    guard let start = PrefixGuess.severity(p, line, tables),
      let colon = memory(p + start, 0x3A, line.upperBound - start)
    else { return nil }
    var message = colon - p + 1
    while message < line.upperBound, p.load(fromByteOffset: message, as: UInt8.self) == 0x20 { message += 1 }
    return PrefixDeclaration.read(
      UnsafeRawBufferPointer(start: p + message, count: line.upperBound - message), tables)
  }

  /// Whether the first line that looks like an entry has the prefix.
  func firstFits(_ prefix: LinePrefix, _ head: UnsafeRawBufferPointer) -> Bool {
    guard let p = head.baseAddress else { return false }
    return firstFits(prefix, p, Array(sample(head).prefix(20)))
  }

  private func firstFits(_ prefix: LinePrefix, _ p: UnsafeRawPointer, _ lines: [Range<Int>]) -> Bool {
    guard let line = lines.first(where: { PrefixGuess.looksLikeEntry(p, $0, tables) }) else { return false }
    return unmatched(by: [prefix], p, [line]).isEmpty
  }

  /// All prefixes that a log has which begins with one, as far as `head` goes.
  private func followed(_ prefix: LinePrefix, _ head: UnsafeRawBufferPointer) -> [LinePrefix] {
    var known = [prefix]
    guard let p = head.baseAddress else { return known }
    let lines = sample(head)
    var from = 0
    while known.count < 8,
      let misfit = unmatched(by: known, p, lines.filter { $0.lowerBound >= from }).first(where: {
        PrefixGuess.looksLikeEntry(p, $0, tables)
      })
    {
      let end = min(misfit.lowerBound + Int(PrefixFollower.sampleBytes), head.count)
      let sample = UnsafeRawBufferPointer(rebasing: head[misfit.lowerBound..<end])
      if let next = change(sample, known: known) {
        known.append(next.prefix)
        from = misfit.lowerBound + 1
      } else {
        from = end
      }
    }
    return known
  }

  /// The prefix of the lines in `sample` from its first on, which none of the known ones fits: the server says so, or
  /// nearly all that do not fit have it.
  func change(_ sample: UnsafeRawBufferPointer, known: [LinePrefix]) -> PrefixChange? {
    let lines = self.sample(sample)
    guard let p = sample.baseAddress else { return nil }
    let misfits = unmatched(by: known, p, lines).filter { PrefixGuess.looksLikeEntry(p, $0, tables) }
    guard let first = misfits.first else { return nil }
    for text in lines.compactMap({ declared(p, $0) }) {
      let prefix = LinePrefix(text)
      if prefix.hasTime, !known.contains(prefix), fit(prefix, p, [first]).matched == 1 {
        return PrefixChange(prefix: prefix, isPassing: false, isAnnounced: true)
      }
    }
    // There may be a further change in the sample.
    var count = misfits.count
    repeat {
      let window = Array(misfits.prefix(count))
      let fits = ranked(candidates(p, window), p, window).filter { fit in
        fit.prefix.hasTime && !known.contains(fit.prefix)
          && Double(fit.matched) >= LogSniffer.leastShare * Double(fit.total)
      }
      if let best = fits.first {
        // Of prefixes that fit the misfits alike the one that fits the lines between as well.
        let rivals = fits.filter { $0.matched == best.matched && $0.prefix.plainWords == best.prefix.plainWords }
        let prefix = rivals.max { fit($0.prefix, p, lines) < fit($1.prefix, p, lines) }?.prefix ?? best.prefix
        let end = count == misfits.count ? lines.count : lines.firstIndex { $0 == window.last } ?? lines.count
        // The known ones may fit again: a prefix that is tried after them takes none of their lines for its own.
        let last = lines.prefix(end).suffix(20).filter { PrefixGuess.looksLikeEntry(p, $0, tables) }
        let isPassing = 2 * unmatched(by: known, p, last).count < last.count
        return PrefixChange(prefix: prefix, isPassing: isPassing, isAnnounced: false)
      }
      count /= 2
    } while count >= PrefixInference.leastMisfits
    return nil
  }

  /// Lines that prove a prefix where more of them prove none.
  private static let leastMisfits = 8

  /// A prefix that fits a log as well as the one that was chosen and says something else: the user should know.
  func rival(of prefix: LinePrefix, _ head: UnsafeRawBufferPointer) -> LinePrefix? {
    let lines = sample(head)
    guard let p = head.baseAddress, !lines.isEmpty else { return nil }
    let own = fit(prefix, p, lines)
    guard own.evidence.proved == 0,
      prefix.contains(.user) || prefix.contains(.database) || prefix.contains(.application)
    else {
      return nil
    }
    let isCustomary = ["%u@%d", "=%u", "=%d", "=%a"].contains { prefix.text.contains($0) }
    return ranked(candidates(p, lines), p, lines, limit: 12).first { other in
      guard other.matched == own.matched,
        other.evidence.implausible + other.evidence.unlikely <= own.evidence.implausible + own.evidence.unlikely,
        other.evidence.agreement >= own.evidence.agreement, other.prefix != prefix
      else { return false }
      return other.prefix.plainWords > 0
        || !isCustomary && other.prefix.specificity == prefix.specificity
          && other.prefix.text.count == prefix.text.count
    }?.prefix
  }

  private func candidates(_ p: UnsafeRawPointer, _ lines: [Range<Int>]) -> [String] {
    // Lines that differ in words and numbers only have one template; the commonest are tried first.
    var templates: [String: (template: PrefixTemplate, count: Int, order: Int)] = [:]
    for line in PrefixInference.some(lines, PrefixInference.templateLines) {
      var forms: Set<String> = []
      for padsLeft in [false, true] {
        guard let template = PrefixTemplate(p, line, tables, padsLeft: padsLeft) else { continue }
        let form = template.form
        let order = templates.count
        if forms.insert(form).inserted { templates[form, default: (template, 0, order)].count += 1 }
      }
    }
    var candidates = PrefixInference.wellKnown
    var seen = Set(candidates)
    for entry in templates.values.sorted(by: { ($1.count, $0.order) < ($0.count, $1.order) }) {
      guard candidates.count < PrefixInference.candidateLimit else { break }
      for text in entry.template.texts where seen.insert(text).inserted { candidates.append(text) }
    }
    return candidates
  }

  private static let templateLines = 200
  private static let candidateLimit = 1_500

  /// At most `count` lines from everywhere, some of them behind one another.
  private static func some(_ lines: [Range<Int>], _ count: Int) -> [Range<Int>] {
    guard lines.count > count else { return lines }
    let run = 10
    let runs = max(1, count / run)
    return (0..<runs).flatMap { number in
      let start = number * (lines.count - run) / max(1, runs - 1)
      return lines[start..<min(start + run, lines.count)]
    }
  }

  /// The candidates that fit best, best first.
  private func ranked(
    _ candidates: [String], _ p: UnsafeRawPointer, _ lines: [Range<Int>], limit: Int = 12
  ) -> [Fit] {
    // Nearly all candidates fail on a handful of lines; only the best are tried on all.
    var leaders = candidates.map { LinePrefix($0) }.filter(\.hasTime)
    for (count, rest) in [(20, 200), (100, limit)] where leaders.count > limit {
      let few = PrefixInference.some(lines, count)
      leaders = leaders.map { fit($0, p, few, joins: false) }.filter { $0.matched > 0 }.sorted { $1 < $0 }.prefix(rest)
        .map(\.prefix)
    }
    return preferred(leaders.map { fit($0, p, lines) }.filter { $0.matched > 0 }.sorted { $1 < $0 })
  }

  /// The fits with the one first that says most, where others fit more lines only at the ends of the sample: these have
  /// the prefix that was set before or after, and one that fits them as well takes something for a name that is none.
  private func preferred(_ fits: [Fit]) -> [Fit] {
    guard let best = fits.first else { return fits }
    let margin = Int(Double(best.total) * (1 - LogSniffer.leastShare))
    func isAtEnds(_ places: Set<Int>) -> Bool {
      let head = places.filter { $0 < best.total / 2 }
      return (head.max() ?? -1) + 1 <= margin && (places.subtracting(head).min() ?? best.total) >= best.total - margin
    }
    let better = fits.indices.dropFirst().filter { i in
      let fit = fits[i]
      return fit.specificity > best.specificity && fit.prefix.plainWords <= best.prefix.plainWords
        && fit.share >= LogSniffer.leastShare
        && fit.evidence.implausible + fit.evidence.unlikely <= best.evidence.implausible + best.evidence.unlikely
        && fit.evidence.contradicted <= best.evidence.contradicted
        && isAtEnds(Set(fit.missed).subtracting(best.missed))
    }
    guard let choice = better.max(by: { (fits[$0].specificity, $1) < (fits[$1].specificity, $0) }) else { return fits }
    var fits = fits
    fits.insert(fits.remove(at: choice), at: 0)
    return fits
  }

  /// How well a given prefix fits.
  func fit(_ prefix: LinePrefix, _ head: UnsafeRawBufferPointer) -> Fit {
    guard let p = head.baseAddress else {
      return Fit(prefix: prefix, matched: 0, total: 0, evidence: PrefixEvidence(tables))
    }
    return fit(prefix, p, sample(head))
  }

  /// - Parameter joins: whether a name may go on in the next lines; of many candidates only the best are tried so.
  private func fit(
    _ prefix: LinePrefix, _ p: UnsafeRawPointer, _ lines: [Range<Int>], joins: Bool = true
  ) -> Fit {
    var matcher = PrefixMatcher(prefix, tables: tables, clock: ZonedClock(ZoneOffsets()), remembers: false)
    var result = Fit(prefix: prefix, matched: 0, total: lines.count, evidence: PrefixEvidence(tables))
    let joins = joins && prefix.hasName
    var place = 0
    while place < lines.count {
      defer { place += 1 }
      let line = lines[place]
      var fields = PrefixMatcher.Fields()
      if matcher.match(p, line.lowerBound, line.upperBound, &fields) {
        result.matched += 1
        result.evidence.add(p, line, prefix, fields)
      } else if joins, fields.time.microseconds != .min, let last = joined(&matcher, p, lines, place, &fields) {
        result.matched += 1
        result.total -= last - place
        result.evidence.add(p, line.lowerBound..<lines[last].upperBound, prefix, fields)
        place = last
      } else {
        result.missed.append(place)
      }
    }
    return result
  }

  /// The line with which the one at `place` makes a match: a name with newlines is written as it is.
  private func joined(
    _ matcher: inout PrefixMatcher, _ p: UnsafeRawPointer, _ lines: [Range<Int>], _ place: Int,
    _ fields: inout PrefixMatcher.Fields
  ) -> Int? {
    var last = place
    while last < place + 3, last + 1 < lines.count, lines[last + 1].lowerBound == lines[last].upperBound + 1,
      !PrefixGuess.looksLikeEntry(p, lines[last + 1], tables)
    {
      last += 1
      fields = PrefixMatcher.Fields()
      if matcher.match(p, lines[place].lowerBound, lines[last].upperBound, &fields) { return last }
    }
    return nil
  }

  /// The lines that none of the prefixes fits.
  private func unmatched(
    by prefixes: [LinePrefix], _ p: UnsafeRawPointer, _ lines: [Range<Int>]
  ) -> [Range<Int>] {
    var matchers = prefixes.map { PrefixMatcher($0, tables: tables, clock: ZonedClock(ZoneOffsets())) }
    return lines.filter { line in
      for i in matchers.indices {
        var fields = PrefixMatcher.Fields()
        if matchers[i].match(p, line.lowerBound, line.upperBound, &fields) { return false }
      }
      return true
    }
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

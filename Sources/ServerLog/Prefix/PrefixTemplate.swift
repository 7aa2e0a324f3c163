/// What stands before a line's severity, with times, numbers in brackets, session ids and `key=value` pairs replaced by
/// the escapes that write them. Words that nothing labels may be names, and numbers one of several things: which of
/// them, only many lines tell.
struct PrefixTemplate {
  private enum Piece {
    case text(String)
    /// A time, and whether it has a fraction of the second.
    case time(hasFraction: Bool)
    /// A word of the line that is none of the recognised fields.
    case word(String, padding: Int)
    /// A number that nothing labels. The padding is the width that it seems to have, below zero on the right.
    case number(String, padding: Int)
  }

  private var pieces: [Piece] = []

  /// The template of one line; nil where the line is no server's.
  /// - Parameter padsLeft: whether blanks between two words or numbers are taken for the padding of the second.
  init?(_ p: UnsafeRawPointer, _ line: Range<Int>, _ tables: [MessageTable], padsLeft: Bool) {
    guard let end = PrefixGuess.severity(p, line, tables) else { return nil }
    pieces = PrefixTemplate.pieces(p, line.lowerBound, end, tables, padsLeft: padsLeft)
  }

  /// The same for all lines that differ in their words and numbers only.
  var form: String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .time(let hasFraction): hasFraction ? "%m" : "%t"
      case .word(_, let padding): "%\(padding)u"
      case .number(_, let padding): "%\(padding)p"
      }
    }.joined()
  }

  /// The prefixes that may have written the line, the likeliest first.
  var texts: [String] {
    var texts: [String] = []
    var seen: Set<String> = []
    for timed in timed() {
      for numbered in PrefixTemplate.numbered(timed) {
        for text in PrefixTemplate.named(numbered) {
          if seen.insert(text).inserted { texts.append(text) }
          for stopped in PrefixTemplate.stopped(text) where seen.insert(stopped).inserted { texts.append(stopped) }
        }
      }
    }
    return texts
  }

  /// The pieces with the ways of taking two times: the entry's own and the start of the session, which has no fraction.
  private func timed() -> [[Piece]] {
    let fractions = pieces.compactMap { if case .time(let hasFraction) = $0 { hasFraction } else { nil } }
    func taken(own: Int) -> [Piece] {
      var number = -1
      return pieces.map { piece in
        guard case .time(let hasFraction) = piece else { return piece }
        number += 1
        return .text(number != own ? "%s" : hasFraction ? "%m" : "%t")
      }
    }
    guard fractions.count > 1 else { return [taken(own: 0)] }
    if let own = fractions.firstIndex(of: true) { return [taken(own: own)] }
    return [taken(own: 0), taken(own: 1)]
  }

  /// The pieces with the ways of taking their first three numbers: for the process, the line of the session, the
  /// transaction, or as they are.
  private static func numbered(_ pieces: [Piece]) -> [[Piece]] {
    let known = known(pieces)
    let count = min(pieces.count { if case .number = $0 { true } else { false } }, 3)
    let free = ["p", "l", "x"].filter { !known.contains($0) }
    // Whose line or transaction it is must be told as well.
    let choices = orders(free, count, orNone: true).filter { fields in
      known.contains("p") || known.contains("c") || fields.contains("p") || fields.allSatisfy(\.isEmpty)
    }
    return choices.map { fields in
      var fields = fields[...]
      return pieces.map { piece in
        guard case .number(let digits, let padding) = piece else { return piece }
        guard let field = fields.popFirst(), !field.isEmpty else { return .text(digits) }
        return .text(escape(field, padding))
      }
    }
  }

  /// The pieces with every way of taking the words for user, database and application, and with the words as they are.
  /// More than three words are more than names.
  private static func named(_ pieces: [Piece]) -> [String] {
    let known = known(pieces)
    let count = pieces.count { if case .word = $0 { true } else { false } }
    let free = ["u", "d", "a"].filter { !known.contains($0) }
    var choices = count <= free.count ? orders(free, count, orNone: false) : []
    if count > 0 || choices.isEmpty { choices.append([]) }
    return choices.map { names in
      var names = names[...]
      return pieces.map { piece in
        switch piece {
        case .text(let text), .number(let text, _): text
        case .time: ""
        case .word(let word, let padding):
          names.popFirst().map { escape($0, padding) }
            ?? word.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        }
      }.joined()
    }
  }

  private static func escape(_ letter: String, _ padding: Int) -> String {
    padding == 0 ? "%" + letter : "%\(padding)" + letter
  }

  /// The letters of the escapes that stand in the prefix whichever way words and numbers are taken.
  private static func known(_ pieces: [Piece]) -> Set<String> {
    var letters: Set<String> = []
    for case .text(let text) in pieces {
      for step in LinePrefix(text).steps {
        if case .field(let field, _) = step { letters.insert(String(field.rawValue)) }
      }
    }
    return letters
  }

  /// Every way of choosing `count` of some letters in order, each once; with `orNone` also of leaving places empty.
  private static func orders(_ letters: [String], _ count: Int, orNone: Bool) -> [[String]] {
    guard count > 0 else { return [[]] }
    var result: [[String]] = []
    for letter in letters {
      result += orders(letters.filter { $0 != letter }, count - 1, orNone: orNone).map { [letter] + $0 }
    }
    if orNone { result += orders(letters, count - 1, orNone: true).map { [""] + $0 } }
    return result
  }

  /// The prefix with `%q` where background processes may stop: before the first thing that only a client has.
  private static func stopped(_ text: String) -> [String] {
    guard !text.contains("%q"),
      let first = ["u", "d", "a", "r", "h"].compactMap({ escape($0, in: text) }).min(), first > text.startIndex
    else { return [] }
    var places = [first]
    // What labels it, as in `user=%u` and `[%u`, stops with it.
    if let blank = text[..<first].lastIndex(of: " ") {
      let label = text.index(after: blank)
      if label < first { places.append(label) }
    }
    return places.map { text[..<$0] + "%q" + text[$0...] }
  }

  /// Where the escape of a letter begins.
  private static func escape(_ letter: Character, in text: String) -> String.Index? {
    var from = text.startIndex
    while let percent = text[from...].firstIndex(of: "%") {
      var i = text.index(after: percent)
      while i < text.endIndex, text[i] == "-" || text[i].isWholeNumber { i = text.index(after: i) }
      guard i < text.endIndex else { return nil }
      if text[i] == letter { return percent }
      from = text.index(after: i)
    }
    return nil
  }

  private static func pieces(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ tables: [MessageTable], padsLeft: Bool
  ) -> [Piece] {
    var clock = ClockReader()
    var pieces: [Piece] = []
    /// The text since the last piece that is none.
    var result = ""
    var hasTime = false
    var i = from
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    func isDigit(_ at: Int) -> Bool { byte(at) &- 0x30 < 10 }
    func text(_ from: Int, _ to: Int) -> String {
      String(decoding: UnsafeRawBufferPointer(start: p + from, count: to - from), as: UTF8.self)
    }
    func appendLiteral(_ value: UInt8) {
      if value == UInt8(ascii: "%") { result += "%" }
      result += String(decoding: [value], as: UTF8.self)
    }
    func append(_ piece: Piece) {
      pieces += [.text(result), piece]
      result = ""
    }
    func isSeparator(_ byte: UInt8) -> Bool { "|<>(){}:;,/@".utf8.contains(byte) }
    /// The width to which a word or number of some length is padded, which ends at `stop`: blanks before or behind it.
    /// One of them belongs to the prefix itself, unless a separator stands there.
    func pad(_ length: Int, _ stop: inout Int) -> Int {
      let blanksBefore = result.utf8.reversed().prefix { $0 == 0x20 }.count
      let opener = result.utf8.dropLast(blanksBefore).last
      // A single blank is never padding only: behind `:` and its like it stands more often for itself.
      let before = blanksBefore < 2 ? 0 : opener.map(isSeparator) ?? pieces.isEmpty ? blanksBefore : blanksBefore - 1
      result.removeLast(before)
      if before > 0 { return length + before }
      var after = stop
      while after < end, byte(after) == 0x20 { after += 1 }
      guard after < end, after > stop else { return 0 }
      let blanks = after - stop - (isSeparator(byte(after)) ? 0 : 1)
      if blanks == 0 || padsLeft && PrefixGuess.isWord(byte(after)) && !isFormed(after) { return 0 }
      stop += blanks
      return -(length + blanks)
    }
    func isFormed(_ at: Int) -> Bool { FieldForm.form(p, at, end) != nil }
    func isWordStart(_ at: Int) -> Bool { at == from || !PrefixGuess.isWord(byte(at - 1)) }
    while i < end {
      var next = i
      if clock.read(p, &next, end) != nil {
        let hasFraction = next - i > 19
        if byte(next) == 0x20, ClockReader.zoneEnd(p, next + 1, end) > next + 1 {
          next = ClockReader.zoneEnd(p, next + 1, end)
        }
        append(.time(hasFraction: hasFraction))
        hasTime = true
        i = next
        continue
      }
      if !hasTime, isWordStart(i), let end = FieldForm.epochEnd(p, i, end) {
        result += "%n"
        hasTime = true
        i = end
        continue
      }
      next = i
      if isWordStart(i), sessionID(p, &next, end) != nil, !PrefixGuess.isWord(byte(next)), next - i > 10 {
        result += "%c"
        i = next
        continue
      }
      // A client of which nothing is known yet has such names.
      if isWordStart(i), let unknown = tables.first(where: { $0.unknownName.matches(p, i, end) })?.unknownName,
        byte(i + unknown.count) != UInt8(ascii: "@")
      {
        append(.word(text(i, i + unknown.count), padding: 0))
        i += unknown.count
        continue
      }
      if byte(i) == UInt8(ascii: "["), let bracket = bracketed(p, i, end) {
        switch bracket.field {
        case .text: result += bracket.open + bracket.close
        default:
          result += bracket.open
          append(bracket.field)
          result += bracket.close
        }
        i = bracket.end
        continue
      }
      if PrefixGuess.isWord(byte(i)), isWordStart(i) {
        var stop = i
        while stop < end, PrefixGuess.isWord(byte(stop)) { stop += 1 }
        if byte(stop) == UInt8(ascii: "=") {
          let key = text(i, stop)
          let value = FieldForm.valueEnd(p, stop + 1, end)
          if let escape = FieldForm.escape(key, p, stop + 1, value) {
            result += key + "=" + escape
            i = value
            continue
          }
        }
        if let at = FieldForm.atSign(p, i, end) {
          result += "%u@%d"
          i = at
          continue
        }
        if let field = FieldForm.form(p, i, end) {
          result += field.escape
          i = field.end
          continue
        }
        // A name may go on with what names are often made with.
        while stop < end,
          PrefixGuess.isWord(byte(stop)) || "-.".utf8.contains(byte(stop)) && PrefixGuess.isWord(byte(stop + 1))
        { stop += 1 }
        let hasLetter = (i..<stop).contains { PrefixGuess.isWord(byte($0)) && !isDigit($0) }
        var behind = stop
        while byte(behind) == 0x20 { behind += 1 }
        if hasLetter, stop - i > 1, byte(behind) != UInt8(ascii: "=") {
          let length = stop - i
          let word = text(i, stop)
          let padding = pad(length, &stop)
          append(.word(word, padding: padding))
          i = stop
          continue
        }
      }
      if !PrefixGuess.isWord(byte(i)), let field = FieldForm.form(p, i, end) {
        result += field.escape
        i = field.end
        continue
      }
      if isDigit(i), isWordStart(i) {
        var stop = i
        while isDigit(stop) { stop += 1 }
        if stop - i > 12 {
          if result.hasSuffix("-") { result.removeLast() }
          result += "%Q"
        } else if !PrefixGuess.isWord(byte(stop)) {
          let length = stop - i
          let digits = text(i, stop)
          let padding = pad(length, &stop)
          append(.number(digits, padding: padding))
        } else {
          result += text(i, stop)
        }
        i = stop
        continue
      }
      appendLiteral(byte(i))
      i += 1
    }
    return pieces + [.text(result)]
  }

  /// A number in brackets, maybe padded, or with the `-1` that log analysers used to want, or nothing at all.
  private static func bracketed(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int
  ) -> (open: String, field: Piece, close: String, end: Int)? {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    if byte(from + 1) == UInt8(ascii: "]") { return ("[", .text(""), "%P]", from + 2) }
    var next = from + 1
    // Padding: `[    8970]`, `[8970    ]`.
    while byte(next) == 0x20 { next += 1 }
    let digits = next
    guard integer(p, &next, end) != nil else { return nil }
    let digitsEnd = next
    while byte(next) == 0x20 { next += 1 }
    let number = String(decoding: UnsafeRawBufferPointer(start: p + digits, count: digitsEnd - digits), as: UTF8.self)
    if byte(next) == UInt8(ascii: "]") {
      let padding = digits > from + 1 ? digitsEnd - from - 1 : next > digitsEnd ? -(next - from - 1) : 0
      return ("[", .number(number, padding: padding), "]", next + 1)
    }
    if byte(digitsEnd) == UInt8(ascii: "-"), byte(digitsEnd + 1) == UInt8(ascii: "1"),
      byte(digitsEnd + 2) == UInt8(ascii: "]")
    {
      return ("[", .text(""), "%l-1]", digitsEnd + 3)
    }
    return nil
  }
}

import Foundation

/// What transports do to a server's log, done by hand: the other way round of what is tested.
enum Wrapping {
  /// The entries of a stderr log, each with its parts, as the server writes them at once.
  static func entries(_ log: [UInt8]) -> [String] {
    let words =
      ["LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO", "DEBUG"]
      + ["СООБЩЕНИЕ", "ОШИБКА", "ВАЖНО", "ПРЕДУПРЕЖДЕНИЕ"]
    var result: [[Substring]] = []
    for line in String(decoding: log, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true) {
      let begins =
        !line.hasPrefix("\t") && words.contains { line.utf8.count > 8 && line.prefix(300).contains($0 + ":  ") }
      if begins || result.isEmpty { result.append([line]) } else { result[result.count - 1].append(line) }
    }
    return result.map { $0.joined(separator: "\n") }
  }

  /// The process id in brackets of an entry.
  static func process(_ entry: String) -> Int {
    guard let open = entry.firstIndex(of: "[") else { return 0 }
    return Int(entry[entry.index(after: open)...].prefix { $0.isNumber }) ?? 0
  }

  /// Pieces of an entry by `write_syslog` of src/backend/utils/error/elog.c, with
  /// `syslog_sequence_numbers` and `syslog_split_messages` on.
  static func syslogPieces(_ entry: String) -> [[UInt8]] {
    var line = Array(entry.utf8)[...]
    var pieces: [[UInt8]] = []
    while !line.isEmpty {
      if line.first == 0x0A {
        line.removeFirst()
        continue
      }
      var length = min(line.firstIndex(of: 0x0A).map { $0 - line.startIndex } ?? line.count, 900)
      // To the boundary of a character.
      while length < line.count, line[line.startIndex + length] & 0xC0 == 0x80 { length -= 1 }
      func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
      if length < line.count, !isSpace(line[line.startIndex + length]) {
        var i = length - 1
        while i > 0, !isSpace(line[line.startIndex + i]) { i -= 1 }
        if i > 0 { length = i }
      }
      pieces.append(Array(line.prefix(length)))
      line = line.dropFirst(length)
    }
    return pieces
  }

  /// rsyslog's way to write control characters.
  static func escaped(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    for byte in bytes {
      if byte < 0x20 || byte == 0x7F {
        let digits = String(byte, radix: 8)
        result += Array(("#" + String(repeating: "0", count: 3 - digits.count) + digits).utf8)
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// A whole log in syslog: `line` makes a line of a process id, its message's number, the piece's number and text.
  /// Pieces of two processes' entries stand between each other, other programs' lines too.
  static func syslog(_ log: [UInt8], foreign: String, _ line: (Int, Int, Int, String) -> String) -> String {
    var sequences: [Int: Int] = [:]
    var result: [String] = []
    var waiting: [[String]] = []
    func flush() {
      var round = 0
      while waiting.contains(where: { $0.count > round }) {
        for pieces in waiting where pieces.count > round { result.append(pieces[round]) }
        round += 1
      }
      waiting = []
      result.append(foreign)
    }
    var processes: Set<Int> = []
    for entry in entries(log) {
      let process = process(entry)
      if waiting.count == 3 || processes.contains(process) {
        flush()
        processes = []
      }
      processes.insert(process)
      sequences[process, default: 0] += 1
      let sequence = sequences[process] ?? 0
      waiting.append(
        syslogPieces(entry).enumerated().map { line(process, sequence, $0.offset + 1, escaped($0.element)) })
    }
    flush()
    return result.joined(separator: "\n") + "\n"
  }

  /// The physical lines of a log.
  static func lines(_ log: [UInt8]) -> [String] {
    String(decoding: log, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }

  static func json(_ value: Any, pretty: Bool = false) -> String {
    let options: JSONSerialization.WritingOptions = pretty ? [.prettyPrinted, .sortedKeys] : [.sortedKeys]
    let data = try? JSONSerialization.data(withJSONObject: value, options: options)
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  /// Cuts a text into stretches of so many bytes, at characters.
  static func stretches(_ text: String, _ limit: Int) -> [String] {
    var bytes = Array(text.utf8)[...]
    var result: [String] = []
    while bytes.count > limit {
      var length = limit
      while bytes[bytes.startIndex + length] & 0xC0 == 0x80 { length -= 1 }
      result.append(String(decoding: bytes.prefix(length), as: UTF8.self))
      bytes = bytes.dropFirst(length)
    }
    return result + [String(decoding: bytes, as: UTF8.self)]
  }
}

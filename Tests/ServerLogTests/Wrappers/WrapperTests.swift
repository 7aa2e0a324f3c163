import Foundation
import Model
import Testing

@testable import ServerLog

/// A recorded log put into each wrapper: it is recognised by its content, and what comes out is the log.
struct WrapperTests {
  private static let reference = Timestamp(seconds: 1_795_500_000)

  /// Wrappers by name, and what they are recognised as.
  static let wrappers: [(name: String, expected: String)] = [
    ("RFC 3164", "syslog"), ("RFC 3164 with ISO times", "syslog"), ("RFC 5424", "syslog"),
    ("RFC 5424 with data", "syslog"), ("journal, standard error", "journal"), ("journal, syslog", "journal"),
    ("journal, long lines cut", "journal"), ("Docker", "Docker"), ("CRI", "CRI"), ("docker logs -t", "timed"),
    ("CloudWatch export", "timed"), ("aws logs tail", "timed"), ("docker compose logs", "labelled"),
    ("docker compose logs -t", "labelled/timed"), ("kubectl logs --prefix", "labelled"),
    ("get-log-events", "CloudWatch"), ("CloudWatch subscription", "CloudWatch"), ("list of events", "CloudWatch"),
    ("get-log-events, text", "CloudWatch"), ("filter-log-events, text", "CloudWatch"),
    ("Cloud SQL", "CloudLogging"), ("Cloud SQL, one a line", "CloudLogging"),
  ]

  static func wrap(_ name: String, _ log: [UInt8]) -> String {
    let lines = Wrapping.lines(log)
    let entries = Wrapping.entries(log)
    func each(_ texts: [String], _ body: (String) -> String) -> String {
      texts.map(body).joined(separator: "\n") + "\n"
    }
    switch name {
    case "RFC 3164":
      let foreign = "Nov 23 18:39:20 db1 CRON[99]: (root) CMD (run-parts /etc/cron.hourly)"
      return Wrapping.syslog(log, foreign: foreign) { process, number, piece, text in
        "Nov 23 18:39:20 db1 postgres[\(process)]: [\(number)-\(piece)] \(text)"
      }
    case "RFC 3164 with ISO times":
      let foreign = "2026-11-23T18:39:20.123456+00:00 db1 sshd[99]: Connection closed by 10.0.0.1"
      return Wrapping.syslog(log, foreign: foreign) { process, number, piece, text in
        "2026-11-23T18:39:20.123456+00:00 db1 main-db[\(process)]: [\(number)-\(piece)] \(text)"
      }
    case "RFC 5424":
      let foreign = "<30>1 2026-11-23T18:39:20.123456Z db1 systemd 1 - - Started Session 4."
      return Wrapping.syslog(log, foreign: foreign) { process, number, piece, text in
        "<134>1 2026-11-23T18:39:20.123456Z db1 postgres \(process) - - [\(number)-\(piece)] \(text)"
      }
    case "RFC 5424 with data":
      let foreign = "<30>1 2026-11-23T18:39:20Z db1 systemd 1 - [meta sequenceId=\"7\"] Started \"x\"."
      return Wrapping.syslog(log, foreign: foreign) { process, number, piece, text in
        let data = "[meta sequenceId=\"\(number)\" note=\"a ] \\\" b\"]"
        return "<134>1 2026-11-23T18:39:20Z db1 postgres \(process) - \(data) \u{FEFF}[\(number)-\(piece)] \(text)"
      }
    case "journal, standard error":
      let foreign: [String: Any] = ["__REALTIME_TIMESTAMP": "1", "SYSLOG_IDENTIFIER": "systemd", "MESSAGE": "Stopped"]
      return each(lines) { line in
        // What is not printable is an array of numbers.
        let isText = !line.utf8.contains { $0 < 0x20 && $0 != 0x09 }
        return journal(isText ? line : line.utf8.map { Int($0) })
      } + Wrapping.json(foreign) + "\n"
    case "journal, syslog":
      var result: [String] = []
      for (number, entry) in entries.enumerated() {
        for (piece, text) in Wrapping.syslogPieces(entry).enumerated() {
          let message = "[\(number)-\(piece + 1)] " + String(decoding: text, as: UTF8.self)
          result.append(journal(message, ["_TRANSPORT": "syslog", "SYSLOG_PID": "\(Wrapping.process(entry))"]))
        }
      }
      return result.joined(separator: "\n") + "\n"
    case "journal, long lines cut":
      var result: [String] = []
      for line in lines {
        let parts = Wrapping.stretches(line, 700)
        for part in parts.dropLast() { result.append(journal(part, ["_LINE_BREAK": "line-max"])) }
        result.append(journal(parts[parts.count - 1]))
      }
      return result.joined(separator: "\n") + "\n"
    case "Docker":
      var result: [String] = []
      for line in lines {
        for part in Wrapping.stretches(line + "\n", 16_384) {
          result.append(Wrapping.json(["log": part, "stream": "stderr", "time": "2026-11-23T18:39:20.123456789Z"]))
        }
      }
      return result.joined(separator: "\n") + "\n"
    case "CRI":
      var result: [String] = []
      for line in lines {
        let parts = Wrapping.stretches(line, 1_000)
        for part in parts.dropLast() {
          result.append("2026-11-23T18:39:20.123456789Z stderr P \(part)")
          // Another stream's line in the middle of one that goes on.
          result.append("2026-11-23T18:39:20.123456789Z stdout F ")
        }
        result.append("2026-11-23T18:39:20.123456789Z stderr F \(parts[parts.count - 1])")
      }
      return result.joined(separator: "\n") + "\n"
    default: return cloud(name, lines, entries) ?? labelled(name, lines)
    }
  }

  private static func journal(_ message: Any, _ more: [String: Any] = [:]) -> String {
    var object: [String: Any] = [
      "__REALTIME_TIMESTAMP": "1795459158700123", "SYSLOG_IDENTIFIER": "postgres", "_PID": "4711",
      "_TRANSPORT": "stdout", "MESSAGE": message,
    ]
    for (key, value) in more { object[key] = value }
    return Wrapping.json(object)
  }

  private static func labelled(_ name: String, _ lines: [String]) -> String {
    var result: [String] = []
    for (number, line) in lines.enumerated() {
      switch name {
      case "docker logs -t": result.append("2026-11-23T18:39:20.123456789Z " + line)
      case "kubectl logs --prefix": result.append("[pod/db-0/postgres] " + line)
      case "docker compose logs -t": result.append("db-1   | 2026-11-23T18:39:20.123456789Z " + line)
      default: result.append("db-1   | " + line)
      }
      if name.hasPrefix("docker compose"), number % 5 == 0 { result.append("web-1  | GET /orders 200") }
    }
    return result.joined(separator: "\n") + "\n"
  }

  private static func cloud(_ name: String, _ lines: [String], _ entries: [String]) -> String? {
    func event(_ text: String) -> [String: Any] {
      ["timestamp": 1_795_459_158_700, "message": text, "ingestionTime": 1_795_459_159_000]
    }
    func logEntry(_ text: String) -> [String: Any] {
      [
        "insertId": "2#1", "logName": "projects/p/logs/cloudsql.googleapis.com%2Fpostgres.log", "severity": "INFO",
        "textPayload": text, "timestamp": "2026-11-23T18:39:20.123456Z",
        "resource": ["type": "cloudsql_database", "labels": ["database_id": "p:shop"]],
      ]
    }
    switch name {
    case "CloudWatch export": return entries.map { "2026-11-23T18:39:20.123Z \($0)\n" }.joined()
    case "aws logs tail":
      return entries.enumerated().map { "2026-11-23T18:39:20.123000+00:00 shop-db-\($0.offset % 3) \($0.element)\n" }
        .joined()
    case "get-log-events":
      return Wrapping.json(["events": entries.map(event), "nextForwardToken": "f/3123"], pretty: true)
    case "CloudWatch subscription":
      return stride(from: 0, to: entries.count, by: 100).map { start in
        let some = entries[start..<min(start + 100, entries.count)].map(event)
        return Wrapping.json(["messageType": "DATA_MESSAGE", "logStream": "shop.0", "logEvents": some]) + "\n"
      }.joined()
    case "list of events": return Wrapping.json(entries.map(event), pretty: true)
    case "get-log-events, text":
      return "b/3123\tf/3123\n" + entries.map { "EVENTS\t1795459159000\t\($0)\t1795459158700\n" }.joined()
    case "filter-log-events, text":
      let id = String(repeating: "3", count: 56)
      return entries.map { "EVENTS\t\(id)\t1795459159000\tshop.0\t\($0)\t1795459158700\n" }.joined()
        + "SEARCHEDLOGSTREAMS\tshop.0\tTrue\n"
    case "Cloud SQL":
      return Wrapping.json(Wrapping.parts(lines).map(logEntry), pretty: true)
    case "Cloud SQL, one a line":
      let foreign: [String: Any] = [
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity", "textPayload": "x",
        "timestamp": "2026-11-23T18:39:20Z",
      ]
      return Wrapping.parts(lines).map { Wrapping.json(logEntry($0)) + "\n" + Wrapping.json(foreign) + "\n" }.joined()
    default: return nil
    }
  }

  static let logs = ["languages/en.log", "languages/ru.log", "postgresql-15.log"]

  @Test(arguments: wrappers.map(\.name), logs)
  func whatComesOutIsTheLog(_ name: String, _ log: String) throws {
    let wrapping = try #require(Self.wrappers.first { $0.name == name })
    // The wrappers of JSON hold text; what is none in the log is replaced before.
    let plain = Array((Wrapping.lines(try Fixtures.content(log)).joined(separator: "\n") + "\n").utf8)
    let wrapped = Array(Self.wrap(name, plain).utf8)
    var layers: [String] = []
    var content = wrapped
    if wrapping.expected.hasPrefix("labelled") {
      let wrapper = try #require(LogWrapper.detectLabels(content))
      layers.append(wrapper.name)
      content = wrapper.unwrapped(content, reference: Self.reference, isWhole: true)
    }
    while let wrapper = LogWrapper.detect(content) {
      layers.append(wrapper.name)
      content = wrapper.unwrapped(content, reference: Self.reference, isWhole: true)
    }
    #expect(layers.joined(separator: "/") == wrapping.expected)
    if content != plain {
      let (a, b) = (Wrapping.lines(content), Wrapping.lines(plain))
      let different = zip(a, b).first { $0 != $1 }
      Issue.record("\(name), \(log): \(a.count) lines instead of \(b.count); \(String(describing: different))")
    }
  }

  /// A log that has grown gives the same beginning, wherever it was cut.
  @Test(arguments: wrappers.map(\.name))
  func aShorterFileIsABeginningOfALongerOne(_ name: String) throws {
    let wrapped = Array(Self.wrap(name, try Fixtures.content("languages/en.log")).utf8)
    guard let wrapper = LogWrapper.detectLabels(wrapped) ?? LogWrapper.detect(wrapped) else { return }
    let whole = wrapper.unwrapped(wrapped, reference: Self.reference, isWhole: true)
    var cut = 1_000
    while cut < wrapped.count {
      let part = wrapper.unwrapped(Array(wrapped.prefix(cut)), reference: Self.reference, isWhole: false)
      #expect(whole.starts(with: part), "cut at byte \(cut)")
      cut += wrapped.count / 37 + 1
    }
  }

  /// Bytes that no transport wrote must not do harm.
  @Test(arguments: wrappers.map(\.name))
  func damagedBytesDoNoHarm(_ name: String) throws {
    let wrapped = Array(Self.wrap(name, try Fixtures.content("languages/en.log")).utf8)
    guard let wrapper = LogWrapper.detectLabels(wrapped) ?? LogWrapper.detect(wrapped) else { return }
    var random = SeededNumbers(seed: 4_711)
    for _ in 0..<20 {
      var damaged = Array(wrapped.prefix(60_000))
      for _ in 0..<200 {
        let at = Int(random.next() % UInt64(damaged.count))
        damaged[at] = UInt8(truncatingIfNeeded: random.next())
      }
      _ = LogWrapper.detect(damaged)
      _ = wrapper.unwrapped(damaged, reference: Self.reference, isWhole: true)
      _ = wrapper.unwrapped(
        Array(damaged.prefix(Int(random.next() % 60_000))), reference: Self.reference, isWhole: false)
    }
  }

  /// A server's own formats are no wrappers.
  @Test(arguments: ["postgresql-15", "postgresql-16", "postgresql-18", "slice-pg15"], Fixtures.formats)
  func aLogIsNoWrapper(_ name: String, _ format: String) throws {
    #expect(LogWrapper.detect(Array(try Fixtures.content(name + "." + format).prefix(LogSniffer.sampleSize))) == nil)
  }

  /// csvlog and jsonlog come through a container's log as well.
  @Test(arguments: ["csv", "json"])
  func otherFormatsComeThrough(_ format: String) throws {
    let plain = try Fixtures.read("languages/en." + format)
    let lines = Wrapping.lines(try Fixtures.content("languages/en." + format))
    let wrapped = Array(
      lines.map { Wrapping.json(["log": $0 + "\n", "stream": "stdout", "time": "2026-11-23T18:39:20Z"]) + "\n" }
        .joined().utf8)
    let wrapper = try #require(LogWrapper.detect(wrapped))
    let reading = try Fixtures.read(wrapper.unwrapped(wrapped, reference: Self.reference, isWhole: true))
    #expect(reading.calls == plain.calls)
    #expect(reading.events.count == plain.events.count)
    #expect(reading.tally.skippedByReason == plain.tally.skippedByReason)
  }
}

extension Wrapping {
  /// Each line with its prefix together with the lines that go on: what Cloud SQL makes an entry of.
  static func parts(_ lines: [String]) -> [String] {
    var result: [String] = []
    for line in lines {
      if line.hasPrefix("\t"), !result.isEmpty { result[result.count - 1] += "\n" + line } else { result.append(line) }
    }
    return result
  }
}

/// SplitMix64: the same numbers in every run.
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

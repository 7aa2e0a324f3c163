import Bytes
import Foundation
import Model
import Testing

@testable import ServerLog

/// Short logs in the formats that the vendors document.
struct VendorSampleTests {
  private static let reference = Timestamp(seconds: 1_795_500_000)

  private func read(_ text: String, expecting name: String, stamps: Bool = false) throws -> Reading {
    let bytes = Array(text.utf8)
    let wrapper = try #require(LogWrapper.detect(bytes))
    #expect(wrapper.name == name)
    return try Fixtures.read(
      wrapper.unwrapped(bytes, stamps: stamps, reference: Self.reference, isWhole: true))
  }

  /// Azure Database, Flexible Server: the prefix in the message, DETAIL in a field of its own; as Event Hubs deliver it.
  @Test func azureFlexibleServer() throws {
    func record(_ second: Int, _ message: String, _ detail: String?) -> String {
      var properties: [String: Any] = [
        "timestamp": "2023-02-27 22:21:\(second).823 UTC", "processId": 2030, "errorLevel": "LOG",
        "sqlerrcode": "00000",
        "message":
          "2023-02-27 22:21:\(second).823 UTC [2030] [user=postgres,db=shop,app=pgbench] LOG:  " + message,
      ]
      if let detail { properties["detail"] = detail }
      return Wrapping.json([
        "properties": properties, "time": "2023-02-27T22:21:\(second).830Z", "category": "PostgreSQLLogs",
        "operationName": "LogEvent", "location": "eastus",
        "resourceId": "/SUBSCRIPTIONS/0/RESOURCEGROUPS/TEST/PROVIDERS/MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/DB",
      ])
    }
    let records = (10..<30).map {
      record(
        $0, "duration: 0.053 ms  execute <unnamed>: UPDATE tellers\nSET balance = balance + $1 WHERE tid = $2;",
        "parameters: $1 = 'a\nb', $2 = '2'")
    }
    for text in [
      records.joined(separator: "\n") + "\n", "{\"records\": [\n" + records.joined(separator: ",\n") + "]}\n",
    ] {
      let reading = try read(text, expecting: "Azure")
      #expect(reading.calls == 20)
      #expect(
        reading.cells.first?.dimensions
          == WorkloadDimensions(database: "shop", user: "postgres", application: "pgbench"))
      #expect(reading.samples.first?.parameters == [.text("a\nb"), .text("2")])
      #expect(reading.samples.first?.text == "UPDATE tellers\nSET balance = balance + $1 WHERE tid = $2;")
      #expect(reading.tally.skippedByReason.isEmpty)
    }
  }

  /// Azure Database, Single Server: prefix, severity and message in three fields.
  @Test func azureSingleServer() throws {
    let records = (10..<30).map { second in
      Wrapping.json([
        "LogicalServerName": "db", "time": "2023-02-27T23:21:\(second)Z", "category": "PostgreSQLLogs",
        "operationName": "LogEvent",
        "properties": [
          "prefix": "2023-02-27 23:21:\(second) UTC-63fd3b04.cfc-",
          "message": "duration: 1.500 ms  execute <unnamed>: UPDATE accounts SET a = a + $1 WHERE aid = $2;",
          "detail": "parameters: $1 = '353', $2 = '9001050'", "errorLevel": "LOG", "domain": "postgres-11",
          "schemaName": "", "tableName": "", "columnName": "", "datatypeName": "",
        ],
      ])
    }
    let reading = try read(records.joined(separator: "\n") + "\n", expecting: "Azure")
    #expect(reading.calls == 20)
    #expect(reading.total(\.total) == 30_000)
    #expect(reading.samples.first?.parameters == [.text("353"), .text("9001050")])
  }

  /// CloudNativePG: csvlog's columns in `record`, other loggers of the pod between them.
  @Test(arguments: ["postgresql-15", "postgresql-16", "languages/en"])
  func cloudNativePG(_ name: String) throws {
    let names = [
      "timestamp": "log_time", "user": "user_name", "dbname": "database_name", "pid": "process_id",
      "session_id": "session_id", "line_num": "session_line_num", "ps": "command_tag",
      "session_start": "session_start_time", "vxid": "virtual_transaction_id", "txid": "transaction_id",
      "error_severity": "error_severity", "state_code": "sql_state_code", "message": "message", "detail": "detail",
      "hint": "hint", "context": "context", "statement": "query", "application_name": "application_name",
      "backend_type": "backend_type", "leader_pid": "leader_pid", "query_id": "query_id",
    ]
    var lines: [String] = []
    for line in Wrapping.lines(try Fixtures.content(name + ".json")) {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      var record: [String: Any] = [:]
      for (key, column) in names {
        guard let value = object[key] else { continue }
        record[column] = "\(value)"
      }
      lines.append(
        Wrapping.json([
          "level": "info", "ts": "2026-11-23T18:39:20.123456789Z", "logger": "postgres", "msg": "record",
          "logging_pod": "db-1", "record": record,
        ]))
      lines.append(#"{"level":"info","ts":1795459158.7,"logger":"instance-manager","msg":"Updated primary lease"}"#)
    }
    let reading = try read(lines.joined(separator: "\n") + "\n", expecting: "CloudNativePG")
    let plain = try Fixtures.once(name + ".json")
    #expect(reading.tally.entries == plain.tally.entries)
    #expect(Set(reading.cells) == Set(plain.cells))
    #expect(Set(reading.events) == Set(plain.events))
    #expect(Set(reading.samples) == Set(plain.samples))
  }

  /// Heroku's drains: the database in brackets, pieces numbered, the prefix inside.
  @Test func heroku() throws {
    let prefix = { (n: Int) in
      #" sql_error_code = 00000 time_ms = "2026-11-23 18:39:18.700 UTC" pid="4711" proc_start_time="2026-11-23 18:30:00 UTC" session_id="6b0489f2.1267" vtid="3/29" tid="0" log_line="\#(n)" database="d1" connection_source="10.0.0.1(5432)" user="u1" application_name="web" "#
    }
    let line = { (n: Int, piece: Int, text: String) in
      "<134>1 2026-11-23T18:39:18.712345+00:00 host app postgres.4711 - [GREEN] [\(n)-\(piece)] \(text)\n"
    }
    let text = (1...20).map { n in
      line(n, 1, prefix(n) + "LOG:  duration: 120.500 ms  statement: SELECT a")
        + "<45>1 2026-11-23T18:39:18.712345+00:00 host app heroku-postgres - source=GREEN sample#db_size=1\n"
        + line(n, 2, "\tFROM t WHERE id = \(n)")
    }.joined()
    let reading = try read(text, expecting: "Heroku")
    #expect(reading.calls == 20)
    #expect(reading.total(\.total) == 20 * 120_500)
    #expect(reading.samples.first?.text.contains("\nFROM t") == true)
    #expect(reading.cells.first?.dimensions == WorkloadDimensions(database: "d1", user: "u1", application: "web"))
  }

  /// Lines without a time of their own get syslog's.
  @Test func syslogWithoutATimeInThePrefix() throws {
    let text = (10..<40).map { n in
      "Nov 23 18:39:\(n) db1 postgres[\(4_000 + n % 3)]: [\(n)-1] alice@shop LOG:  duration: 2.000 ms  statement: SELECT \(n)\n"
    }.joined()
    let reading = try read(text, expecting: "syslog", stamps: true)
    #expect(reading.calls == 30)
    #expect(reading.cells.first?.dimensions == WorkloadDimensions(database: "shop", user: "alice"))
    // The reference is the day after: the year is its.
    #expect(reading.tally.first?.description == "2026-11-23T18:39:10Z")
  }

  /// RFC 3164 has no year: December is last year's, seen from January.
  @Test func theYearIsTheNearestBefore() throws {
    let text = Array("Dec 31 23:59:59 db1 x".utf8)
    let time = text.withUnsafeBytes { bytes -> Int64? in
      guard let base = bytes.baseAddress else { return nil }
      var i = 0
      return TransportTime.rfc3164(base, &i, bytes.count, reference: 1_798_761_600_000_000 + 3_600_000_000)
    }
    #expect(time.map { Timestamp(microseconds: $0).description } == "2026-12-31T23:59:59Z")
  }

  /// What is no server's is counted, and a piece without its beginning too.
  @Test func foreignLinesAreCounted() throws {
    let text =
      "Nov 23 18:39:10 db1 postgres[9]: [4-2] #011FROM lost\n"
      + (10..<40).map { n in
        "Nov 23 18:39:\(n) db1 postgres[8]: [\(n)-1] 2026-11-23 18:39:\(n).000 UTC [8] LOG:  duration: 2.000 ms  statement: SELECT \(n)\n"
          + "Nov 23 18:39:\(n) db1 cron[9]: done\n"
      }.joined() + "no syslog at all\n"
    let bytes = Array(text.utf8)
    let wrapper = try #require(LogWrapper.detect(bytes))
    let tally = WrapperTally()
    let source = UnwrappedByteSource(
      MemoryByteSource(bytes), wrapper, reference: Self.reference, end: .final, tally: tally)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while try source.read(into: buffer) > 0 {}
    #expect(
      tally.counts(before: nil) == [
        "line of another program": 30, "line that the wrapper did not write": 1,
        "piece of a message whose beginning is missing": 1,
      ])
    #expect(tally.examples == ["line 62: no syslog at all"])
  }
}

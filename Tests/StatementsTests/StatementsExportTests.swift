import Foundation
import Model
import Statements
import Testing

struct StatementsExportTests {
  private let server = ServerIdentity(systemIdentifier: "1")
  private let fallback = Timestamp(seconds: 1_000)

  private func export(_ text: String) throws -> StatementsExport {
    try StatementsExport(Array(text.utf8), server: server, at: fallback)
  }

  @Test func `psql's CSV with line ends, quotes and nulls in texts`() throws {
    let export = try export(
      """
      captured_at,rolname,datname,userid,dbid,toplevel,queryid,query,calls,total_exec_time,stddev_exec_time,rows,wal_bytes
      2026-03-02 02:14:58.949964+00,app,shop,10,16384,t,-3483994249445510092,"SELECT ""a"",
      '1;2' FROM t",3,0.803274,0.1,7,12345678901
      2026-03-02 02:14:58.949964+00,app,shop,10,16384,f,5,,1,2.5,0,0,0
      2026-03-02 03:00:00+00,app,shop,10,16384,t,5,SELECT 2,1,2.5,0,0,0
      """)
    #expect(export.snapshots.map(\.at.description) == ["2026-03-02T02:14:58.949964Z", "2026-03-02T03:00:00Z"])
    let rows = export.snapshots[0].rows
    #expect(rows.map(\.key.queryID.value) == [-3_483_994_249_445_510_092, 5])
    #expect(rows[0].query == "SELECT \"a\",\n'1;2' FROM t")
    #expect(rows[0].counters[.calls] == 3 && rows[0].counters[.execTime] == 803_274)
    #expect(rows[0].counters[.walBytes] == 12_345_678_901)
    #expect(rows[1].query == nil && !rows[1].key.isTopLevel)
    #expect(export.snapshots[0].databases == [16_384: "shop"] && export.snapshots[0].users == [10: "app"])
    #expect(export.skipped.isEmpty)
  }

  @Test(arguments: [";", "\t", "|"]) func `other delimiters, names without numbers, a byte order mark`(_ sign: String)
    throws
  {
    let lines = [
      ["queryid", "datname", "calls", "total_time", "query"], ["\"7\"", "shop", "3", "1.5", "\"SELECT 1\""],
      ["18446744073709551615", "shop", "1", "0.5", "NULL"],
    ]
    let export = try export(
      "\u{FEFF}" + lines.map { $0.joined(separator: sign) }.joined(separator: "\r\n") + "\r\n(2 rows)\r\n")
    let snapshot = try #require(export.snapshots.first)
    #expect(snapshot.at == fallback)
    #expect(snapshot.rows.map(\.key.queryID.value) == [-1, 7])
    #expect(snapshot.rows.allSatisfy { $0.key.databaseID >= 0x8000_0000 })
    #expect(snapshot.databaseName(snapshot.rows[0].key.databaseID) == "shop")
    #expect(snapshot.rows[1].counters[.execTime] == 1_500_000)
  }

  @Test(arguments: [
    #"[{"queryid": -5, "dbid": 1, "userid": 2, "calls": 3, "total_exec_time": 1.25, "query": "SELECT 1", "toplevel": true}]"#,
    #"{"rows": [{"queryid": -5, "dbid": 1, "userid": 2, "calls": 3, "total_exec_time": 1.25, "query": "SELECT 1"}]}"#,
    "{\"queryid\": -5, \"dbid\": 1, \"userid\": 2, \"calls\": 3, \"total_exec_time\": 1.25, \"query\": \"SELECT 1\"}\n\n",
  ]) func `JSON in its usual forms`(text: String) throws {
    let row = try #require(try export(text).snapshots.first?.rows.first)
    #expect(row.key == StatementKey(databaseID: 1, userID: 2, queryID: QueryID(-5)))
    #expect(row.counters[.calls] == 3 && row.counters[.execTime] == 1_250_000 && row.query == "SELECT 1")
  }

  @Test func `JSON keeps all 64 bits of a query id`() throws {
    let export = try export(#"[{"queryid": 9223372036854775807, "calls": 1, "total_exec_time": 1}]"#)
    #expect(export.snapshots[0].rows[0].key.queryID.value == .max)
  }

  @Test func `what is no export says why, and where`() {
    #expect(throws: StatementsExport.Problem(line: 0, reason: "the file is empty")) { try export("") }
    #expect(throws: StatementsExport.Problem.self) { try export("a,b\n1,2\n") }
    #expect(throws: StatementsExport.Problem(line: 2, reason: "a quote is never closed: the file was cut off")) {
      try export("queryid,calls,total_exec_time\n1,\"2,3\n4,5,6\n")
    }
    #expect(throws: StatementsExport.Problem.self) { try export("queryid,calls,total_exec_time\nx,y,z\n") }
    #expect(throws: StatementsExport.Problem.self) { try export("[{\"queryid\": 1") }
    #expect(throws: StatementsExport.Problem.self) { try export("[]") }
  }

  @Test func `counters below zero are refused, with their line`() throws {
    for (text, line, column) in [
      ("queryid,calls,total_exec_time\n1,2,3\n7,-2,3\n", 3, "calls"),
      ("\u{FEFF}queryid,calls,total_exec_time\n7,2,-0.5\n", 2, "total_exec_time"),
      (
        "{\"queryid\":1,\"calls\":2,\"total_exec_time\":1}\n{\"queryid\":7,\"calls\":-2,\"total_exec_time\":1}\n", 2,
        "calls"
      ),
    ] {
      let problem = try #require(throws: StatementsExport.Problem.self) { try export(text) }
      #expect(problem.line == line)
      #expect(problem.sentence.hasPrefix("line \(line): column \(column) of query id 7 holds -"))
    }
  }

  @Test func `a byte order mark before JSON is passed over`() throws {
    for text in [
      "[{\"queryid\":1,\"calls\":2,\"total_exec_time\":1}]",
      "{\"queryid\":1,\"calls\":2,\"total_exec_time\":1}\n{\"queryid\":2,\"calls\":2,\"total_exec_time\":1}\n",
    ] {
      #expect(try export("\u{FEFF}" + text).rows == export(text).rows)
      #expect(StatementsExport.isLikely(Array(("\u{FEFF}" + text).utf8)))
    }
  }

  @Test func `rows that cannot be read are counted`() throws {
    let export = try export("queryid,calls,total_exec_time\n1,2,3\n2,two,3\n3\n")
    #expect(export.rows == 1)
    #expect(export.skipped.values.reduce(0, +) == 2)
  }

  @Test func `damaged exports never crash`() throws {
    let text = Array(
      """
      queryid,dbid,userid,calls,total_exec_time,query,stddev_exec_time
      1,2,3,4,5.5,"a ""b"" c",0.5
      -9,2,3,4,1e3,x,
      """.utf8)
    let json = Array(
      #"[{"queryid":1,"calls":2,"total_exec_time":3.5,"query":"x"},{"queryid":2,"calls":1,"total_exec_time":1}]"#.utf8)
    var random = SplitMix(state: 4)
    for round in 0..<4_000 {
      var bytes = round % 2 == 0 ? text : json
      for _ in 0...(random.next() % 5) { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xFF) }
      if random.next() % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      _ = try? StatementsExport(bytes, server: server, at: fallback)
    }
  }
}

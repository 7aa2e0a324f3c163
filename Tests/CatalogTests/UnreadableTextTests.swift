import Bytes
import Catalog
import PostgresClient
import PrivateServer
import Synchronization
import TestSupport
import Testing

/// Statements whose texts are no text in the encoding that they must be sent in.
@Suite struct UnreadableTextTests {
  @Test func `a text that cannot be sent costs only itself`() async throws {
    guard TestServers.hasContrib(15) else { try Test.cancel("PostgreSQL 15 with contrib is missing") }
    let settings = ["shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "all"]
    try await withServer(version: 15, settings: settings) { server in
      func connect(_ database: String) async throws -> PostgresConnection {
        try await PostgresConnection.connect(
          ConnectionOptions(host: server.socketDirectory, user: "postgres", database: database))
      }
      let admin = try await connect("postgres")
      try await admin.execute("CREATE EXTENSION pg_stat_statements")
      try await admin.execute("CREATE DATABASE raw ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
      try await admin.execute("CREATE DATABASE wide ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
      let raw = try await connect("raw")
      let wide = try await connect("wide")
      for connection in [raw, wide] { try await connection.execute("CREATE EXTENSION pg_stat_statements") }
      // Names do not tell statements apart on 15, numbers of columns and their types do.
      func columns(_ number: Int, _ value: (Int) -> String) -> String {
        "SELECT " + (1...number).map { value($0) }.joined(separator: ", ")
      }
      for number in 1...20 { try await raw.execute(columns(number) { _ in "7" }) }
      try await raw.execute("DO $$ BEGIN EXECUTE 'SELECT 1.5 AS \"bad_' || chr(255) || '\"'; END $$")
      let bad = try await raw.query(
        "SELECT queryid FROM pg_stat_statements(true) WHERE strpos(query, 'bad_' || chr(255)) > 0 AND NOT toplevel"
      ).only().int("queryid")

      func capture(_ connection: PostgresConnection, known: Set<LiveCapture.Entry>) async throws -> (
        Snapshot, LiveCapture.Outcome.SectionOutcome
      ) {
        let lines = Mutex<[UInt8]>([])
        let outcome = try await LiveCapture(.init(scope: .statements), known: { _ in known }).run(on: connection) {
          part in
          lines.withLock { $0 += part }
        }
        let section = try #require(outcome.sections.first { $0.name == "statement_texts" })
        return (try EverythingServer.read(lines.withLock { $0 }), section)
      }
      // With nothing known and with something known other texts are asked for.
      let other = LiveCapture.Entry(databaseID: 1, userID: 1, queryID: 1, isTopLevel: true)
      for known in [[], [other]] as [Set<LiveCapture.Entry>] {
        let (snapshot, section) = try await capture(raw, known: known)
        let texts = snapshot["statement_texts"].compactMap { $0["query"]?.string }
        for number in 1...20 { #expect(texts.contains(columns(number) { "$\($0)" })) }
        #expect(section.rows == texts.count)
        let fault = try #require(section.fault)
        #expect(fault.hasPrefix("the text of query id \(bad) cannot be read as UTF-8 and is left out ("))
      }
      // The extension itself fails in a database of another encoding.
      let (_, section) = try await capture(wide, known: [])
      #expect(section.rows == nil)
      #expect(section.fault?.contains("encoding SQL_ASCII, gets the texts") == true)
      for connection in [admin, raw, wide] { await connection.close() }
    }
  }
}

import Foundation
import Model
import PostgresClient
import PrivateServer
import TestSupport
import Testing

@testable import Catalog

/// Every query names only columns that the catalogs and views of its major version have, also for versions that no
/// server here runs.
@Suite struct QueryColumnsTests {
  /// Relations and the versions of their columns: `Fixtures/catalog-columns.txt`.
  struct Columns {
    private var versions: [String: [String: ClosedRange<Int>]] = [:]
    var relations: [String] { versions.keys.sorted() }

    init() throws {
      let url = try #require(Bundle.module.url(forResource: "Fixtures/catalog-columns.txt", withExtension: nil))
      for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
        let parts = line.split(separator: ":", maxSplits: 1)
        var columns: [String: ClosedRange<Int>] = [:]
        for item in parts[1].split(separator: " ") {
          let halves = item.split(separator: "@")
          let ends = halves.count > 1 ? halves[1].split(separator: "-", omittingEmptySubsequences: false) : ["", ""]
          columns[String(halves[0])] = (Int(ends[0]) ?? 13)...(Int(ends[1]) ?? 18)
        }
        versions[String(parts[0])] = columns
      }
    }

    func of(_ relation: String, _ major: Int) -> Set<String> {
      Set((versions[relation] ?? [:]).filter { $0.value.contains(major) }.keys)
    }
  }

  private static let system: Set = ["xmin", "ctid", "tableoid"]

  /// What of `sql` does not exist in a version, and how many references were looked at.
  private func faults(_ sql: String, _ major: Int, _ columns: Columns) -> (faults: [String], references: Int) {
    // Strings hold formats and regular expressions.
    let text = sql.replacing(#/'(?:[^']|'')*'/#, with: "''")
    var relations: [String: Set<String>] = [:]
    var faults: [String] = []
    for match in text.matches(of: #/(?:FROM|JOIN|,)\s+pg_catalog\.(pg_\w+)(?:\s+AS)?\s+([a-z]{1,3})\b(?!\()/#) {
      relations[String(match.2), default: []].insert(String(match.1))
      if columns.of(String(match.1), major).isEmpty { faults.append("\(match.1) in \(major)") }
    }
    // Names that a subquery, a function or a list of values goes by too.
    let others = Set(text.matches(of: #/\)\s*(?:AS\s+)?([a-z]{1,3})\b/#).map { String($0.1) })
    var references = 0
    for match in text.matches(of: #/\b([a-z]{1,3})\.([a-z_0-9]+)\b(?!\()/#) {
      guard let candidates = relations[String(match.1)], !others.contains(String(match.1)) else { continue }
      references += 1
      let column = String(match.2)
      if !Self.system.contains(column), !candidates.contains(where: { columns.of($0, major).contains(column) }) {
        faults.append("\(match.1).\(column) of \(candidates.sorted().joined(separator: " or ")) in \(major)")
      }
    }
    return (faults, references)
  }

  private func queries(_ major: Int) -> [String] {
    var list: [String] = [HeaderQuery.sql(major, madeBy: "test", keepsValues: true), Probe.sql, VersionQueries.written]
    for keepsValues in [true, false] {
      for section in Sections.all(keepsValues: keepsValues) {
        for alternative in section.alternatives {
          for among in [Among.all, .chosen] {
            if let query = alternative.sql(major, among) { list.append(query.plain) }
          }
        }
      }
    }
    return list
  }

  @Test(arguments: 13...18) func `queries name columns of their version only`(major: Int) throws {
    let columns = try Columns()
    var references = 0
    for query in queries(major) {
      let result = faults(query, major, columns)
      #expect(result.faults == [])
      references += result.references
    }
    #expect(references > 1_500)
  }

  /// The check itself can fail: a later version's queries are not an earlier one's.
  @Test(arguments: [(18, 17), (17, 16), (16, 15), (15, 14), (14, 13), (15, 18)])
  func `another version's queries are found out`(of major: Int, on other: Int) throws {
    let columns = try Columns()
    #expect(queries(major).contains { !faults($0, other, columns).faults.isEmpty })
  }

  @Test(arguments: [15, 16, 17, 18]) func `the lists are the servers'`(major: Int) async throws {
    guard let binaries = TestServers.binaries(major) else {
      try Test.cancel("PostgreSQL \(major) is missing; .ci/servers installs it")
    }
    let columns = try Columns()
    try await withServer(version: major, binaryDirectory: binaries) { server in
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: server.connectionString()))
      for relation in columns.relations {
        let rows = try await connection.query(
          """
          SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
          WHERE c.relname = $1 AND c.relnamespace = 'pg_catalog'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
          """, [relation])
        #expect(Set(rows.compactMap { $0[0] }) == columns.of(relation, major), "\(relation)")
      }
    }
  }
}

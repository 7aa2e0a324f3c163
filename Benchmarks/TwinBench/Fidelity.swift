import ArgumentParser
import Catalog
import Foundation
import Model
import PlannerTwin
import PostgresClient
import WhatIf

/// Plans queries in a twin with indexes that do not exist, and without some that do; then builds these in the real
/// database and plans there. HypoPG, on the real database, is asked the same.
///
/// The sets of indexes come from a list, from the adviser's own questions about each query, and from hiding each existing
/// index that a query uses.
struct Fidelity: AsyncParsableCommand {
  @Option(help: "How to reach the server, without a database: host=… port=… user=….") var server: String
  @Option var database: String
  @Option(help: "The list of indexes; lines with the same label are a set.") var sets: String
  @Option(help: "A directory of .sql files, or a workload.json of the shop.") var queries: String
  @Option(help: "Executions of each shape of a workload.json.") var instances = 2
  @Option(help: "The adviser's sets for each query.") var advised = 6
  @Option(help: "The directory of the twin's server programs.") var postgresBin: String?
  @Flag(help: "Print every pair that differs.") var verbose = false

  mutating func run() async throws {
    let live = try await LiveDatabase(server: server, database: database)
    let snapshot = try await live.snapshot()
    let twin = try await PlannerTwin.start(from: snapshot, options: .init(binaryDirectory: postgresBin))
    let planner = TwinPlanner(twin)
    var run = FidelityRun(live: live, twin: twin, planner: planner, verbose: verbose)
    run.statements = try Self.statements(queries, instances: instances, database: database)
    try await run.planNow()
    var questions = try await IndexProposals.ofAdviser(
      run.plannable, planner: planner, snapshot: snapshot, perStatement: advised)
    questions += run.listed(try IndexSpecification.read(sets).filter { $0.database == database })
    questions += run.drops()
    run.hypo(try? await HypoPGPlanner.connect(LiveDatabase.options(server, database)))
    try await run.ask(questions)
    await twin.stop()
    await live.connection.close()
    run.report(database)
  }

  private static func statements(
    _ path: String, instances: Int, database: String
  ) throws -> [PlannableStatement] {
    var found: [(name: String, sql: String)] = []
    if path.hasSuffix(".json") {
      let document = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
      for shape in (document as? [String: Any])?["shapes"] as? [[String: Any]] ?? [] {
        guard let name = shape["name"] as? String, let list = shape["instances"] as? [String] else { continue }
        for (number, sql) in list.prefix(instances).enumerated() { found.append(("\(name)#\(number)", sql)) }
      }
    } else {
      let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".sql") }.sorted()
      found = try files.map { ($0, try String(contentsOfFile: path + "/" + $0, encoding: .utf8)) }
    }
    return found.map { name, sql in
      var sql = sql.trimmingCharacters(in: .whitespacesAndNewlines)
      if sql.hasSuffix(";") { sql.removeLast() }
      return PlannableStatement(id: name, sql: sql, database: database)
    }
  }
}

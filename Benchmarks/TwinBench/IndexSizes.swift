import ArgumentParser
import Foundation
import Model
import PlannerTwin
import PostgresClient
import WhatIf

/// Predicts sizes in a twin, builds the indexes in the real database, and compares.
struct IndexSizes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "index-sizes")

  @Option(help: "How to reach the server, without a database: host=… port=… user=….") var server: String
  @Option(help: "The list of indexes.") var indexes: String
  @Option(help: "The directory of the twin's server programs.") var postgresBin: String?

  struct Result {
    var kind: String
    var text: String
    var predicted: Int64
    var real: Int64
    var hypothetical: Int64?
    var isRough: Bool
    var height: String
    var error: Double { Double(predicted - real) / Double(real) }
    var otherError: Double? { hypothetical.map { Double($0 - real) / Double(real) } }
  }

  mutating func run() async throws {
    let all = try IndexSpecification.read(indexes)
    var results: [Result] = []
    var names: [String] = []
    for specification in all where !names.contains(specification.database) { names.append(specification.database) }
    for name in names {
      let live = try await LiveDatabase(server: server, database: name)
      let twin = try await PlannerTwin.start(
        from: try await live.snapshot(), options: .init(binaryDirectory: postgresBin))
      let planner = TwinPlanner(twin)
      for specification in all where specification.database == name {
        do {
          results.append(try await compare(specification, live, planner))
        } catch let error as WhatIfError {
          print("\(specification.definition.summary): \(error.sentence)")
        }
      }
      await twin.stop()
      await live.connection.close()
    }
    report(results)
  }

  private func compare(
    _ specification: IndexSpecification, _ live: LiveDatabase, _ planner: TwinPlanner
  ) async throws -> Result {
    let definition = specification.definition
    let predicted = try await planner.add(definition)
    let connection = live.connection
    try await connection.execute("SET search_path = public")
    let ddl = definition.createStatement(name: "really_built")
    let hypothetical = try? await connection.query(
      "SELECT hypopg_relation_size(indexrelid)::text AS bytes FROM hypopg_create_index($1)", [ddl]
    ).only().string("bytes")
    _ = try? await connection.execute("SELECT hypopg_reset()")
    try await connection.execute(ddl)
    try await connection.execute("SET search_path = \"\(definition.table.schema)\", public")
    let real = try await connection.query(
      """
      SELECT COALESCE(sum(pg_relation_size(relid)), pg_relation_size('really_built'::regclass))::text AS bytes
      FROM pg_partition_tree('really_built'::regclass) WHERE isleaf
      """
    ).only().string("bytes")
    try await connection.execute("DROP INDEX really_built")
    var text = definition.summary
    if !definition.parameters.isEmpty {
      text +=
        " WITH "
        + definition.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
    return Result(
      kind: definition.method.name, text: "\(specification.database): \(text)", predicted: predicted.sizeBytes,
      real: Int64(real) ?? 0, hypothetical: hypothetical.flatMap { Int64($0) }, isRough: predicted.isRoughSize,
      height: String(predicted.height))
  }

  private func report(_ results: [Result]) {
    print(
      "index".padded(84) + "real pages".padded(11, right: true) + "predicted".padded(11, right: true)
        + "error".padded(10, right: true) + "HypoPG".padded(10, right: true))
    for result in results {
      print(
        String(result.text.prefix(82)).padded(84) + "\(result.real / 8192)".padded(11, right: true)
          + "\(result.predicted / 8192)".padded(11, right: true) + percent(result.error, 1).padded(10, right: true)
          + (result.otherError.map { percent($0, 1) } ?? "cannot").padded(10, right: true)
          + (result.isRough ? "  rough guess" : ""))
    }
    print(
      "\n" + "kind".padded(10) + "indexes".padded(9, right: true) + "median".padded(10, right: true)
        + "p95".padded(10, right: true) + "worst".padded(10, right: true) + "rough".padded(8, right: true)
        + "HypoPG median".padded(15, right: true) + "p95".padded(10, right: true) + "worst".padded(10, right: true))
    for kind in Set(results.map(\.kind)).sorted() {
      var (ours, theirs) = (Errors(), Errors())
      let part = results.filter { $0.kind == kind }
      for result in part {
        ours.add(result.error)
        if let error = result.otherError { theirs.add(error) }
      }
      print(
        kind.padded(10) + "\(part.count)".padded(9, right: true) + percent(ours.median).padded(10, right: true)
          + percent(ours.quantile(0.95)).padded(10, right: true) + percent(ours.worst).padded(10, right: true)
          + "\(part.count { $0.isRough })".padded(8, right: true) + percent(theirs.median).padded(15, right: true)
          + percent(theirs.quantile(0.95)).padded(10, right: true) + percent(theirs.worst).padded(10, right: true))
    }
    let far = results.filter { $0.kind != "btree" && !$0.isRough && abs($0.error) > 0.3 }
    print("\nfurther than 30 % off and not marked as a rough guess: \(far.count)")
  }
}

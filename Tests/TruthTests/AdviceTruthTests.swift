import Advice
import Foundation
import History
import IndexAdvisor
import Ingest
import Model
import Testing

/// What the index adviser finds of the planted mistakes, from the recorded logs and the captured catalog alone: priced
/// in a planner twin, with no server that holds the shop's rows.
@Suite struct AdviceTruthTests {
  /// Truths about indexes that the adviser does not find, and why. When one of them is found, the test fails, so that
  /// its name leaves this list.
  static let notYet: [String: String] = [
    "jsonb_products_attributes": "only B-trees are advised; the query is named as one that GIN may serve",
    "trigram_customers_full_name": "only B-trees are advised; the query is named as one that a trigram index may serve",
    "order_orders_tenant_placed_at": "answered by a wider index with the status between the two columns",
    "unused_customers_phone": "the recording's own captures scanned it twice when they looked up its extremes",
  ]

  @Test func theTruthsAboutIndexesAreFound() async throws {
    let advice = try await Self.advice()
    var found: Set<String> = []
    var asked: Set<String> = []
    for truth in try Self.truths() where !truth.indexes.accepted.isEmpty || !truth.indexes.remove.isEmpty {
      asked.insert(truth.name)
      if truth.isAnswered(by: advice) { found.insert(truth.name) }
    }
    #expect(asked.subtracting(found) == Set(Self.notYet.keys))
    #expect(found.count >= 12)
    // A truth of its own: nothing helps a statement that reads a whole table.
    let fingerprint = try #require(try Shop.fingerprints()["reports.review_lengths"])
    #expect(advice.helpless.contains { $0.fingerprint == fingerprint })
  }

  private static func advice() async throws -> IndexAdvice {
    let scratch = NSTemporaryDirectory() + "pgassay-advice-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let history = try HistoryStore(path: scratch + "/shop.history", mode: .write)
    let run = IngestRun(.init())
    let sources = ["week1/postgresql.log.gz", "week2/postgresql.log.gz", "week2/snapshot-day7.ndjson.gz"]
    _ = try run.run(run.plan(sources.map { Shop.directory.appending(path: "recorded/\($0)").path }), into: history)
    let span = try #require(try history.span())
    return try await WorkloadAdvice.make(from: history, .init(window: span)).advice
  }

  private static func truths() throws -> [Truth] {
    struct File: Decodable { var truths: [Truth] }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      File.self, from: Data(contentsOf: Shop.directory.appending(path: "truths.json"))
    ).truths
  }

  struct Truth: Decodable {
    struct Indexes: Decodable {
      var accepted: [Accepted]
      var remove: [String]
    }
    struct Accepted: Decodable {
      struct Key: Decodable {
        var column: String?
        var expression: String?
        var descending: Bool
      }
      var table: String
      var method: String
      var keys: [Key]
      var predicate: String?

      /// A proposed index whose leading part is this one serves as well.
      func matches(_ index: IndexDefinition) -> Bool {
        index.table.schema + "." + index.table.name == table && index.method.name == method
          && index.keys.count >= keys.count
          && zip(index.keys, keys).allSatisfy { key, wanted in
            let subject: IndexDefinition.Key.Subject? =
              wanted.column.map { .column($0) } ?? wanted.expression.map { .expression($0) }
            let plain: IndexDefinition.Key.Subject =
              if case .expression(let sql) = key.subject, sql.hasPrefix("("), sql.hasSuffix(")") {
                .expression(String(sql.dropFirst().dropLast()))
              } else {
                key.subject
              }
            return plain == subject && key.descending == wanted.descending
          }
          && Self.bare(index.predicate) == Self.bare(predicate)
      }

      private static func bare(_ predicate: String?) -> String? { predicate?.filter { !"() ".contains($0) } }
    }
    var name: String
    var indexes: Indexes
    /// Of the indexes to remove so many are to go; nil for all.
    var removeCount: Int?

    func isAnswered(by advice: IndexAdvice) -> Bool {
      if !indexes.accepted.isEmpty {
        return advice.additions.contains { addition in indexes.accepted.contains { $0.matches(addition.definition) } }
      }
      let dropped = Set(advice.drops.map { $0.table.schema + "." + $0.index.name })
      return dropped.intersection(indexes.remove).count >= removeCount ?? indexes.remove.count
    }
  }
}

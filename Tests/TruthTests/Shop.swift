import Findings
import Foundation
import History
import Ingest
import Model
import Plans
import Review
import SQLText

/// The recorded workload of `Workloads/shop`, taken into a history as a user would take it.
enum Shop {
  static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Workloads/shop")

  struct Truth: Decodable, Sendable {
    var name: String
    var kind: String
    var shapes: [String]
    var table: String?
    var route: String?
  }

  private struct Truths: Decodable { var truths: [Truth] }
  private struct Workload: Decodable {
    struct Shape: Decodable {
      var name: String
      var text: String
    }
    var shapes: [Shape]
  }

  static func truths() throws -> [Truth] {
    try JSONDecoder().decode(Truths.self, from: Data(contentsOf: directory.appending(path: "truths.json"))).truths
  }

  /// The fingerprint of every query shape by its name.
  static func fingerprints() throws -> [String: Fingerprint] {
    let workload = try JSONDecoder().decode(
      Workload.self, from: Data(contentsOf: directory.appending(path: "workload.json")))
    let fingerprinter = Fingerprinter()
    return Dictionary(
      workload.shapes.map { ($0.name, fingerprinter.describe($0.text).fingerprint) }, uniquingKeysWith: { $1 })
  }

  /// What the review of week two and the rules for its plans find.
  struct Judgement: Sendable {
    var review: [Finding]
    var plans: [Fingerprint: [Finding]]
  }

  static let judgement = Task { try judge() }

  private static func judge() throws -> Judgement {
    let scratch = NSTemporaryDirectory() + "pgassay-truths-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let history = try HistoryStore(path: scratch + "/shop.history", mode: .write)
    let run = IngestRun(.init())
    let logs = ["week1", "week2"].map { directory.appending(path: "recorded/\($0)/postgresql.log.gz").path }
    _ = try run.run(run.plan(logs), into: history)
    // Monday, 9 March 2026, and the seven days from it.
    let monday = Timestamp(seconds: 1_773_014_400)
    let window = TimeWindow(from: monday, to: monday + Microseconds(7 * 86_400_000_000))
    let input = try ReviewInput(history, window: window)
    let plans = input.plans.mapValues { plans in
      plans.flatMap { PlanRules.findings(in: $0.plan, subject: .query($0.sample.fingerprint)) }
    }
    return Judgement(review: ReviewRules.findings(in: input), plans: plans)
  }
}

public import Findings
import History
import Model

public enum RepeatedQuery: ReviewRule {
  static let repetitions = 3.0
  static let executions: Int64 = 30

  public static let description = RuleDescription(
    "query.n-plus-one", title: "One statement for each row (N+1)",
    finds: "A statement that one session ran again and again inside one transaction: on average at least as often as "
      + "below, and at least as many executions as below in the window.",
    explanation:
      "An object-relational mapper that loads related rows lazily sends a statement for each object. Each is "
      + "fast, and no index makes the round trips fewer; loading them together does.",
    thresholds: [
      .init("executions in a transaction", repetitions, .ratio),
      .init("executions in the window", Double(executions), .count),
    ])

  public static func findings(in input: ReviewInput) -> [Finding] {
    let groups = Dictionary(grouping: input.repetitions, by: \.fingerprint)
    return groups.sorted { $0.key < $1.key }.compactMap { fingerprint, origins in
      let transactions = origins.reduce(0) { $0 + $1.transactions }
      let executions = origins.reduce(0) { $0 + $1.executions }
      let total = origins.reduce(0.0) { $0 + $1.total.milliseconds }
      let each = Double(executions) / Double(max(1, transactions))
      guard executions >= Self.executions, each >= repetitions else { return nil }
      let statement = input.statements[fingerprint]
      let isWrite = [.insert, .update, .delete, .merge].contains(statement?.kind ?? .unknown)
      // Together they need one round trip and, at least, the time of the slowest.
      let saved = total * (1 - 1 / each)
      let places = origins.sorted { ($1.executions, key($0)) < ($0.executions, key($1)) }
      return Finding(
        rule: description.id, subject: input.subject(fingerprint),
        title: "Runs \(Figures.decimals(each, 1)) times in a transaction"
          + (place(places[0].dimensions).map { " of " + $0 } ?? ""),
        severity: max(.notice, input.severity(total)),
        recoverable: input.perDay(saved * 0.5, low: 0, high: saved),
        evidence: [
          .quantity("transactions", "Transactions", Double(transactions), .count),
          .quantity("executions", "Executions in them", Double(executions), .count),
          .quantity("most", "Most in one of them", Double(origins.map(\.most).max() ?? 0), .count),
          .quantity("total", "Time of all of them", total, .milliseconds),
        ]
          + places.prefix(5).enumerated().compactMap { number, origin in
            place(origin.dimensions).map {
              .text("origin_\(number + 1)", "From", "\($0): \(Figures.count(Double(origin.executions))) executions")
            }
          } + input.text(fingerprint),
        remedy: isWrite
          ? Remedy(
            "Send the rows together: one INSERT with many rows, executemany with batches (SQLAlchemy: insertmanyvalues), "
              + "or COPY.")
          : Remedy(
            "Load the rows together: a join, WHERE key = ANY ($1), or eager loading (SQLAlchemy: selectinload, "
              + "joinedload; Django: prefetch_related)."),
        confidence: .estimated(
          "repetitions are counted; half of the time of the repeated executions is taken, their round trips come on top"
        ))
    }
  }

  private static func key(_ totals: RepetitionTotals) -> String {
    [totals.dimensions.application, totals.dimensions.tags, totals.dimensions.user].joined(separator: "\u{1f}")
  }

  /// `route /orders of shop-web`
  private static func place(_ dimensions: WorkloadDimensions) -> String? {
    let tags = SQLCommenterTags.pairs(dimensions.tags)
    let telling = ["route", "job", "controller", "action", "view", "function"].compactMap { key in
      tags.first { $0.key == key }.map { "\($0.key) \($0.value)" }
    }
    let parts = telling.prefix(2) + (dimensions.application.isEmpty ? [] : [dimensions.application])
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

import Findings
import Foundation
public import IndexAdvisor
import Model
import Plans
public import Report

extension WeeklyReport {
  /// Takes index advice for the report's window in: what to build, what could go, and which queries no index helps.
  ///
  /// - Parameters:
  ///   - days: the recorded time that the advice's times a day speak for.
  ///   - showsValues: whether literals in the predicates of partial indexes are kept; without them the statements that
  ///     build such an index cannot be shown either.
  public mutating func add(_ advice: IndexAdvice, database: String, days: Double, showsValues: Bool) {
    let outcomes = Dictionary(advice.queries.map { ($0.fingerprint, $0) }) { first, _ in first }
    self.advice = advice.additions.map {
      IndexAdviceReport($0, outcomes: outcomes, days: days, showsValues: showsValues)
    }
    // What the planner was asked about says more of an index than its counters; an index to build answers the foreign
    // key that has none.
    let drops = advice.drops.map { Finding($0, database: database) }
    let judged = Set(drops.map(\.subject.kind))
    let built = advice.additions.flatMap(\.build).compactMap(Self.keys)
    indexFindings.removeAll { finding in
      judged.contains(finding.subject.kind)
        || finding.rule == "table.foreign-key-without-index"
          && finding.remedy.sql.compactMap(Self.keys).contains { wanted in
            built.contains { $0 == wanted || $0.hasPrefix(wanted + ",") || $0.hasPrefix(wanted + " ") }
          }
    }
    indexFindings += drops
    helpless = advice.helpless.map {
      HelplessReport(
        fingerprint: $0.fingerprint, text: $0.text, msPerDay: $0.millisecondsPerDay, reasons: $0.reasons)
    }
    let totals = advice.totals
    if !advice.additions.isEmpty {
      let after = totals.millisecondsPerDayAfter
      adviceNotes.append(
        "With all of it the \(advice.queries.count) queries that could be planned take an estimated "
          + "\(Quantity.milliseconds(after.estimate)) a day (\(Quantity.milliseconds(after.low)) – "
          + "\(Quantity.milliseconds(after.high))) where they took "
          + "\(Quantity.milliseconds(totals.millisecondsPerDayBefore)); the indexes together take "
          + "\(Quantity.bytes(totals.bytes).estimated()).")
    }
    if let gap = totals.provenGap {
      adviceNotes.append(
        gap < 0.0005
          ? "No other choice among the \(totals.candidates) candidates is better by the planner's costs (proven)."
          : "No other choice among the \(totals.candidates) candidates is better by more than "
            + "\(Quantity.fraction(gap)) by the planner's costs (proven).")
    }
    if !advice.unplanned.isEmpty {
      let time = advice.unplanned.reduce(0) { $0 + $1.millisecondsPerDay }
      adviceNotes.append(
        "\(advice.unplanned.count) queries with \(Quantity.milliseconds(time)) a day could not be planned and are not "
          + "advised on; pgassay advise says why for each.")
    }
  }
}

extension WeeklyReport {
  /// `public.orders USING btree (customer_id, created_at` of a statement that builds an index.
  fileprivate static func keys(_ statement: String) -> String? {
    guard let on = statement.range(of: " ON "), let close = statement.range(of: ")", options: .backwards),
      on.upperBound < close.lowerBound
    else { return nil }
    return String(statement[on.upperBound..<close.lowerBound])
  }
}

extension IndexAdviceReport {
  init(
    _ addition: IndexAddition, outcomes: [Fingerprint: QueryOutcome], days: Double, showsValues: Bool
  ) {
    var shown = addition.definition
    let isMasked: Bool
    if let predicate = shown.predicate, !showsValues {
      let masked = ExpressionText.withoutValues(predicate)
      isMasked = masked != predicate
      shown.predicate = masked
    } else {
      isMasked = false
    }
    var reasons = addition.reasons
    if isMasked {
      reasons = [
        "It is a partial index; its predicate's values are left out here. --show-values, or pgassay advise, shows the "
          + "statements."
      ]
    }
    let saved = addition.savedPerDay
    let size = Quantity.bytes(addition.sizeBytes)
    self.init(
      summary: shown.summary, ddl: isMasked ? [] : addition.build, rollback: isMasked ? [] : addition.rollback,
      size: size.estimated(),
      gain: RecoverableTime(saved.estimate, low: saved.low, high: saved.high, per: .day),
      upkeepMsPerDay: addition.writeBill.millisecondsPerDay,
      beneficiaries: addition.queries.map { benefit in
        let outcome = outcomes[benefit.fingerprint]
        return Beneficiary(
          fingerprint: benefit.fingerprint, text: outcome?.text ?? "",
          calls: Int64(((outcome?.callsPerDay ?? 0) * days).rounded()), costBefore: benefit.costBefore,
          costAfter: benefit.costAfter,
          savedMs: outcome.map {
            max(0, ($0.millisecondsPerDayBefore - $0.millisecondsPerDayAfter.estimate) * days)
          })
      }, reasons: reasons,
      confidence: .estimated(
        "The costs are PostgreSQL's own planner's; the time is each query's recorded time in proportion to them"
          + (addition.isRoughSize ? ", and the size is a rough guess." : ".")))
  }
}

extension Finding {
  /// An index that could go, as a finding.
  init(_ drop: IndexDrop, database: String) {
    let index = RelationName(schema: drop.table.schema, name: drop.index.name)
    let rule: RuleID
    let title: String
    var severity = Severity.notice
    let confidence: Confidence
    switch drop.reason {
    case .duplicate(let other):
      rule = "index.duplicate"
      title = "Index \(drop.index.name) is the same as \(other)"
      severity = .warning
      confidence = .measured("Both definitions are in the catalog.")
    case .redundant(let other):
      rule = "index.redundant"
      title = "Index \(drop.index.name) is the beginning of \(other)"
      confidence = .estimated("Both definitions are in the catalog; the planner was asked for each query without it.")
    case .unused:
      rule = "index.unused"
      title = "Index \(drop.index.name) is used by nothing that was recorded"
      confidence = .estimated(
        "No scan was counted and no plan of the recorded load uses it; a rare job outside the window might.")
    case .upkeepExceedsUse:
      rule = "index.upkeep-exceeds-use"
      title = "Index \(drop.index.name) costs more to keep up than it saves"
      severity = .warning
      confidence = .estimated("Upkeep is computed from the table's write counters, use from the planner's costs.")
    case .invalid:
      rule = "index.invalid"
      title = "Index \(drop.index.name) is invalid: its build failed"
      severity = .warning
      confidence = .measured("The catalog says so.")
    }
    var evidence = [Evidence.quantity("size", "Size", Double(drop.index.sizeBytes), .bytes)]
    if let scans = drop.index.scans {
      evidence.append(.quantity("scans", "Scans counted", Double(scans), .count))
    }
    if let days = drop.statisticsAgeDays { evidence.append(.quantity("counted", "Counted for", days, .days)) }
    if drop.writeBill.millisecondsPerDay > 0 {
      evidence.append(
        .quantity("upkeep_per_day", "Upkeep a day (estimate)", drop.writeBill.millisecondsPerDay, .milliseconds))
    }
    if drop.worstRatio > 1 {
      evidence.append(.quantity("worst", "Dearest any plan becomes", drop.worstRatio, .ratio))
    }
    evidence.append(.text("definition", "Definition", drop.index.definition.summary))
    self.init(
      rule: rule, subject: .index(index, on: drop.table, database: database), title: title, severity: severity,
      recoverable: drop.writeBill.millisecondsPerDay > 0
        ? RecoverableTime(drop.writeBill.millisecondsPerDay, per: .day) : nil,
      evidence: evidence,
      remedy: Remedy(
        (["Drop it."] + drop.reasons).joined(separator: " "), sql: drop.drop, rollback: drop.rollback,
        risk: "Queries that were not recorded may need it; building it again takes time."), confidence: confidence)
  }
}

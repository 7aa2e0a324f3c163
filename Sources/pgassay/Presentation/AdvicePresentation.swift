import Advice
import History
import IndexAdvisor
import Model
import PlannerTwin
import Report
import WhatIf

/// Index advice as text and as Markdown.
struct AdvicePresentation {
  enum Medium {
    case terminal(TerminalStyle)
    case markdown
  }

  let result: WorkloadAdvice
  var advice: IndexAdvice { result.advice }

  init(_ result: WorkloadAdvice) { self.result = result }

  func text(_ medium: Medium) -> String {
    var page = Page(medium: medium)
    head(&page)
    additions(&page)
    drops(&page)
    helpless(&page)
    unplanned(&page)
    failures(&page)
    notes(&page)
    return page.text
  }

  private func head(_ page: inout Page) {
    let twin = result.twin
    page.line(
      "Database \(result.database), PostgreSQL \(twin.production), catalog of \(result.catalogAt). Load from "
        + "\(result.window.from?.description ?? "the beginning") to \(result.window.to?.description ?? "the end").")
    if let planner = result.livePlanner {
      page.line("Priced by \(planner), sizes by the planner twin.")
    }
    page.line(
      "\(result.livePlanner == nil ? "Priced" : "Sized") by PostgreSQL \(twin.twin) in a planner twin of \(Quantity.count(twin.tables)) tables and "
        + "\(Quantity.count(twin.indexes)) indexes, \(Quantity.bytes(twin.simulatedBytes)): "
        + "\(Quantity.count(advice.totals.plans)) plans for \(Quantity.count(advice.totals.candidates)) candidates.")
    let totals = advice.totals
    let after = totals.millisecondsPerDayAfter
    page.line(
      "\(Quantity.count(advice.queries.count)) queries take \(Quantity.milliseconds(totals.millisecondsPerDayBefore)) a "
        + "day; with this advice \(Self.estimate(after)) a day, for \(Quantity.bytes(totals.bytes).estimated()) of "
        + "indexes and \(Quantity.milliseconds(totals.writeBill.millisecondsPerDay).estimated()) a day of upkeep.")
    page.line(values)
    if let gap = totals.provenGap {
      page.line(
        gap < 0.0005
          ? "No other choice among these candidates is better, by the planner's costs (proven)."
          : "No other choice among these candidates is better by more than \(Quantity.fraction(gap)), by the planner's "
            + "costs (proven).")
    }
    page.line(
      "Costs are the planner's. Times are estimates: recorded time scaled by the cost after and before, with their range."
    )
  }

  /// What stood in the place of constants and parameters.
  private var values: String {
    func count(_ origins: Set<ParameterOrigin>) -> Int {
      advice.queries.count { !origins.isDisjoint(with: $0.parameters) }
    }
    let parts = [
      (count([.none, .recorded]), "as executions were recorded"),
      (count([.drawn, .partlyDrawn]), "with values drawn from the column statistics"),
      (count([.partlyDrawn, .generic]), "generically for the values that are not known"),
      (count([.assumedLimit]), "with an assumed LIMIT of 50 rows"),
    ]
    return "Planned "
      + parts.filter { $0.0 > 0 }.map { "\(Quantity.count($0.0)) \($0.1)" }.joined(separator: ", ") + "."
  }

  private func additions(_ page: inout Page) {
    page.heading(advice.additions.isEmpty ? "Nothing to build" : "Build")
    if advice.additions.isEmpty { page.line("No index is worth its upkeep for this load.") }
    for (place, index) in advice.additions.enumerated() {
      page.item("\(place + 1). \(index.definition.summary)")
      page.line(
        "saves \(Self.estimate(index.savedPerDay)) a day (\(Quantity.fraction(index.savedShare)) of the load), "
          + "size \(Quantity.bytes(index.sizeBytes).estimated())\(index.isRoughSize ? " (rough)" : ""), upkeep "
          + "\(Quantity.milliseconds(index.writeBill.millisecondsPerDay).estimated()) a day",
        indent: 3)
      for reason in index.reasons { page.line(reason, indent: 3) }
      page.sql(index.build, undo: index.rollback)
      var table = Table([
        .text("query"), .flexible("text", lines: 1), .number("calls a day"), .number("ms a day"),
        .number("cost before"), .number("cost after"), .number("est. ms a day"),
      ])
      for benefit in index.queries {
        let outcome = advice.queries.first { $0.fingerprint == benefit.fingerprint }
        table.add([
          .code(String(benefit.fingerprint.description.prefix(8))), .code(outcome?.text ?? ""),
          .quantity(outcome.map { .number($0.callsPerDay) }),
          .quantity(outcome.map { .milliseconds($0.millisecondsPerDayBefore) }),
          .quantity(.cost(benefit.costBefore)), .quantity(.cost(benefit.costAfter)),
          .quantity(outcome.map { Quantity.milliseconds($0.millisecondsPerDayAfter.estimate).estimated() }),
        ])
      }
      page.table(table, indent: 3)
    }
  }

  private func drops(_ page: inout Page) {
    if !result.checksDrops {
      page.heading("Drops were not looked for")
      page.line(
        "HypoPG hides existing indexes from version 1.4 on; the planner twin (--planner twin) can price drops in any case."
      )
    }
    guard !advice.drops.isEmpty else { return }
    page.heading("Drop")
    for drop in advice.drops {
      page.item("\(drop.index.name) on \(drop.index.definition.summary): \(Self.word(drop.reason))")
      for reason in drop.reasons { page.line(reason, indent: 3) }
      page.sql(drop.drop, undo: drop.rollback)
    }
  }

  private func helpless(_ page: inout Page) {
    guard !advice.helpless.isEmpty else { return }
    page.heading("No B-tree index helps")
    var table = Table([.text("query"), .flexible("text", lines: 1), .number("ms a day"), .flexible("why", lines: 3)])
    for query in advice.helpless.prefix(Self.listed) {
      table.add([
        .code(String(query.fingerprint.description.prefix(8))), .code(query.text),
        .milliseconds(query.millisecondsPerDay), .text(query.reasons.joined(separator: " ")),
      ])
    }
    page.table(table)
    page.rest(advice.helpless.count - Self.listed, "query", "queries")
  }

  private func unplanned(_ page: inout Page) {
    guard !advice.unplanned.isEmpty else { return }
    page.heading("Not planned")
    var table = Table([.text("query"), .flexible("text", lines: 1), .number("ms a day"), .flexible("why", lines: 3)])
    for query in advice.unplanned.prefix(Self.listed) {
      table.add([
        .code(String(query.fingerprint.description.prefix(8))), .code(query.text),
        .milliseconds(query.millisecondsPerDay), .text(query.reason),
      ])
    }
    page.table(table)
    page.rest(advice.unplanned.count - Self.listed, "query", "queries")
  }

  private func failures(_ page: inout Page) {
    guard !advice.failures.isEmpty else { return }
    page.heading("Not planned with some indexes")
    page.line(
      "The planner failed with these sets of indexes, which then count as if there were no such indexes; everything else "
        + "was priced.")
    var table = Table([
      .text("query"), .flexible("text", lines: 1), .number("ms a day"), .number("failures"),
      .flexible("message", lines: 3),
    ])
    for failure in advice.failures.prefix(Self.listed) {
      table.add([
        .code(String(failure.fingerprint.description.prefix(8))), .code(failure.text),
        .milliseconds(failure.millisecondsPerDay), .quantity(.count(failure.count)),
        .text(
          failure.message
            + (failure.isOfChoice ? " (also with all advised indexes: counted by its best plan with some of them)" : "")
        ),
      ])
    }
    page.table(table)
    page.rest(advice.failures.count - Self.listed, "query", "queries")
  }

  private func notes(_ page: inout Page) {
    let left = result.twin.leftOut
    guard !left.isEmpty || !result.twin.warnings.isEmpty else { return }
    page.heading("What the twin lacks")
    for warning in result.twin.warnings { page.line(warning) }
    for object in left.prefix(Self.listed) { page.line("\(object.object): \(object.reason)") }
    page.rest(left.count - Self.listed, "object", "objects")
  }

  /// Rows of a list that text shows; JSON has them all.
  private static let listed = 15

  static func estimate(_ time: TimeEstimate) -> String {
    guard time.low < time.high else { return Quantity.milliseconds(time.estimate).estimated().description }
    return Quantity.milliseconds(time.estimate).estimated(range: time.low...time.high).description
  }

  static func word(_ reason: IndexDrop.Reason) -> String {
    switch reason {
    case .duplicate(let other): "the same as \(other)"
    case .redundant(let other): "covered by \(other)"
    case .unused: "unused"
    case .upkeepExceedsUse: "its upkeep exceeds its use"
    case .invalid: "invalid"
    }
  }
}

/// Lines, tables and statements in one of two media.
private struct Page {
  let medium: AdvicePresentation.Medium
  var text = ""

  init(medium: AdvicePresentation.Medium) { self.medium = medium }

  private var width: Int {
    if case .terminal(let style) = medium { style.width } else { 120 }
  }

  mutating func heading(_ title: String) {
    switch medium {
    case .markdown: text += "\n## \(title)\n\n"
    case .terminal(let style):
      text += "\n" + ANSIStyle.styled(title, .strong, isColoured: style.isColoured) + "\n"
    }
  }

  mutating func item(_ title: String) {
    switch medium {
    case .markdown: text += "\n### \(Markdown.escaped(title))\n\n"
    case .terminal(let style):
      text += "\n" + ANSIStyle.styled(title, .strong, isColoured: style.isColoured) + "\n"
    }
  }

  mutating func line(_ sentence: String, indent: Int = 0) {
    switch medium {
    case .markdown: text += Markdown.escaped(sentence) + "\n\n"
    case .terminal:
      let space = String(repeating: " ", count: indent)
      for part in TextWrap.lines(sentence, width: max(40, width - indent)) { text += space + part + "\n" }
    }
  }

  mutating func sql(_ statements: [String], undo: [String]) {
    let lines = statements + undo.map { "-- undo: " + $0 }
    switch medium {
    case .markdown: text += "```sql\n" + lines.joined(separator: "\n") + "\n```\n\n"
    case .terminal: for line in lines { text += "   " + line + "\n" }
    }
  }

  mutating func table(_ table: Table, indent: Int = 0) {
    guard !table.isEmpty else { return }
    switch medium {
    case .markdown: text += MarkdownTable(table).rendered() + "\n"
    case .terminal(let style):
      let space = String(repeating: " ", count: indent)
      let rendered = TextTable(table, width: width - indent, isColoured: style.isColoured).rendered()
      for line in rendered.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
        text += space + line + "\n"
      }
    }
  }

  mutating func rest(_ count: Int, _ one: String, _ many: String) {
    if count > 0 { line("and \(count) more \(count == 1 ? one : many) (--format json lists all)") }
  }
}

import Foundation
import Model
import PlannerTwin
import Plans
import Report
import WhatIf

/// The outcome of `pgassay twin plan`, ready to be shown.
struct TrialReport {
  var trial: PlanTrial
  var twin: PlannerTwin.Report
  /// Whether there was anything to change: without, one plan is all there is to show.
  var hasChange: Bool
  /// Where the values of each query come from, if that was known before it was planned.
  var origins: [ParameterOrigin?]
  /// The queries as the user gave them.
  var texts: [String]
  /// Whether values that the tool put in the place of placeholders are shown.
  var showsValues: Bool

  var json: JSONValue {
    .document([
      "server_version": .string(twin.production.description),
      "twin_version": .string(twin.twin.description),
      "queries": .array(
        trial.queries.enumerated().map { number, query in
          [
            "file": .string(query.statement.id),
            "sql": .string(showsValues ? query.statement.sql : texts[number]),
            "cost_before": .number(query.before?.totalCost), "cost_after": .number(query.after?.totalCost),
            "cost_after_is_guess": .bool(query.isGuess), "cost_after_low": .number(query.costRange?.lowerBound),
            "cost_after_high": .number(query.costRange?.upperBound),
            "before": document(query.before, number).map { .verbatim($0) } ?? .null,
            "after": document(query.after, number).map { .verbatim($0) } ?? .null,
            "error": .text(error(number)),
            "parameters": parameters(number),
          ]
        }),
      "indexes": .array(
        trial.changes.flatMap(\.indexes).map { index in
          [
            "name": .string(index.name.sql), "ddl": .string(index.ddl), "size_bytes": .integer(index.sizeBytes),
            "height": .count(index.height), "is_rough": .bool(index.isRough),
            "notes": .array(index.notes.map { .string($0) }),
            "statistics": .array(
              index.statistics.map { key in
                [
                  "expression": .string(key.expression), "origin": .string(key.origin.rawValue),
                  "columns": .array(key.columns.map { .string($0) }),
                  "distinct_values": .number(key.distinct?.rounded()),
                  "distinct_values_low": .number(key.range?.lowerBound.rounded()),
                  "distinct_values_high": .number(key.range?.upperBound.rounded()),
                ]
              }),
          ]
        }),
      "changes": .array(
        trial.changes.map { ["statement": .string($0.statement), "note": .text($0.note)] }),
      "warnings": .array(twin.warnings.map { .string($0) }),
      "left_out": .array(
        twin.leftOut.map { object in
          [
            "object": .string(object.object), "reason": .string(object.reason),
            "affects": .array(files(affectedBy: object).map { .string($0) }),
          ]
        }),
    ])
  }

  /// What the placeholders of a query stood for; nil where it could not be planned.
  private func origin(_ number: Int) -> ParameterOrigin? {
    let query = trial.queries[number]
    return (query.before ?? query.after).map { origins[number] ?? $0.parameters }
  }

  private func parameters(_ number: Int) -> JSONValue {
    guard let origin = origin(number) else { return .null }
    let statement = trial.queries[number].statement
    let values: [(Int, JSONValue)] =
      origin == .recorded
      ? (statement.parameters ?? []).enumerated().map { ($0 + 1, Self.json($1)) }
      : statement.drawn.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }
    return [
      "origin": .string(origin.rawValue),
      "values": .array(values.map { ["number": .count($0.0), "value": showsValues ? $0.1 : .null] }),
    ]
  }

  /// What takes the values out of a query's plans; nil where they hold none, or are to be shown.
  private func mask(_ number: Int) -> ValueMask? {
    let statement = trial.queries[number].statement
    guard !showsValues, statement.sql != texts[number] || statement.parameters != nil || !statement.drawn.isEmpty else {
      return nil
    }
    var values = statement.drawn
    for (place, value) in (statement.parameters ?? []).enumerated() {
      switch value {
      case .null: break
      case .text(let text), .truncated(let text), .hashed(let text): values[place + 1] = text
      }
    }
    return ValueMask(text: texts[number], planned: statement.sql, values: values)
  }

  private func document(_ planned: PlannedStatement?, _ number: Int) -> String? {
    planned.map { mask(number)?.masking(document: $0.document) ?? $0.document }
  }

  private func error(_ number: Int) -> String? {
    trial.queries[number].error.map { mask(number)?.masking(message: $0) ?? $0 }
  }

  private static func json(_ value: ExecutionSample.Parameter) -> JSONValue {
    switch value {
    case .null: .null
    case .text(let text), .truncated(let text), .hashed(let text): .string(text)
    }
  }

  /// How a query's placeholders were filled, for people; nil where it has none.
  private func sentence(_ number: Int) -> String? {
    guard let origin = origin(number), origin != .none else { return nil }
    let statement = trial.queries[number].statement
    var values: [String] = []
    if origin == .recorded {
      values = (statement.parameters ?? []).enumerated().map { place, value in
        switch value {
        case .null: "$\(place + 1) = NULL"
        case .text(let text), .truncated(let text), .hashed(let text): "$\(place + 1) = \(Self.value(text))"
        }
      }
    } else {
      values = statement.drawn.sorted { $0.key < $1.key }.map { "$\($0.key) = \(Self.value($0.value))" }
    }
    if !showsValues { values = [] }
    let shown = values.prefix(8).joined(separator: ", ") + (values.count > 8 ? ", …" : "")
    let isBounded =
      origin != .recorded && origin != .assumedLimit
      && Placeholders(statement.sql).occurrences.contains { $0.place == .limit }
    return "planned \(origin.words)" + (shown.isEmpty ? "" : ": " + shown) + (isBounded ? "; LIMIT taken as 50" : "")
  }

  private static func value(_ text: String) -> String { "'" + (text.count > 40 ? text.prefix(40) + "…" : text) + "'" }

  /// The statements that name an object which the twin lacks or has simpler.
  private func files(affectedBy object: LeftOut) -> [String] {
    trial.queries.filter { twin.leftOut(affecting: $0.statement.sql).contains(object) }.map(\.statement.id)
  }

  func text(width: Int?) -> String {
    var text = ""
    for change in trial.changes {
      if let note = change.note { text += "\(Self.line(change.statement)): \(note)\n" }
      for index in change.indexes {
        text += "\(index.ddl)\n  \(Quantity.bytes(index.sizeBytes))\(index.isRough ? " (a rough guess)" : "")"
        text += index.height > 0 ? ", height \(index.height)\n" : "\n"
        for note in index.notes { text += "  \(note)\n" }
      }
    }
    for (number, query) in trial.queries.enumerated() {
      if number > 0 || !text.isEmpty { text += "\n" }
      text += query.statement.id
      if hasChange, let before = query.before, let after = query.after {
        text += ": cost \(Self.cost(before.totalCost)) → \(query.isGuess ? "≈ " : "")\(Self.cost(after.totalCost))"
        if before.totalCost > 0 {
          let change = Self.change(from: before.totalCost, to: after.totalCost)
          text += query.isGuess ? " (a guess: \(change)\(Self.range(query, from: before.totalCost)))" : " (\(change))"
        }
      } else if let before = query.before {
        text += ": cost \(Self.cost(before.totalCost))"
      }
      text += "\n"
      if let error = error(number) {
        // Planned only once: the change brings what the statement needs.
        text += (query.before == nil && query.after != nil ? "  before: " : "  ") + error + "\n"
      }
      if let sentence = sentence(number) { text += "  \(sentence)\n" }
      for object in twin.leftOut(affecting: query.statement.sql) {
        text += "  not as in production: \(object.object): \(object.reason)\n"
      }
      let before = document(query.before, number).map { Self.tree($0, width: width) }
      let after = document(query.after, number).map { Self.tree($0, width: width) }
      // What the trees do not show, such as the width of a row, makes no other plan.
      let isSame = before != nil && before == after
      if let before {
        text += hasChange ? (isSame ? "  before and after:\n" : "  before:\n") : ""
        text += before
      }
      if hasChange, !isSame, let after { text += "  after:\n" + after }
    }
    return text
  }

  private static func tree(_ document: String, width: Int?) -> String {
    guard let plan = try? PlanReader.plans(in: Array(document.utf8)).first else {
      return document + "\n"
    }
    let tree = PlanTree(AnalysedPlan(plan), showsValues: true).text(width: width.map { $0 - 2 })
    return tree.split(separator: "\n").map { "  " + $0 + "\n" }.joined()
  }

  private static func cost(_ value: Double) -> String { String(format: "%.2f", value) }

  private static func change(from before: Double, to after: Double) -> String {
    String(format: "%+.1f %%", (after - before) / before * 100)
  }

  /// How far the change in cost may be from what is guessed.
  private static func range(_ query: PlanTrial.Query, from before: Double) -> String {
    guard let range = query.costRange else { return ", of which nothing tells how wrong it is" }
    guard range.lowerBound < range.upperBound else { return ", the same for any number of the expression's values" }
    return ", between \(change(from: before, to: range.lowerBound)) and \(change(from: before, to: range.upperBound))"
  }

  private static func line(_ statement: String) -> String {
    let line = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 80 ? line.prefix(80) + "…" : line
  }
}

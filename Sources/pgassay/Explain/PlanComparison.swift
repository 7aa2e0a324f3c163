import Findings
import Model
import Plans
import Report

/// What changed between two plans of one statement, ready to be shown.
struct PlanComparison {
  let difference: PlanDifference
  let showsValues: Bool

  init(_ difference: PlanDifference, showsValues: Bool) {
    self.difference = difference
    self.showsValues = showsValues
  }

  private static func change(_ before: Double?, _ after: Double?) -> String {
    guard let before, let after else { return "" }
    return Figures.decimals(before, 2) + " → " + Figures.decimals(after, 2)
  }

  /// `+` for what is new, `-` for what is gone, `~` for what is done in another way.
  func text(width: Int?) -> String {
    let (a, b) = (difference.before.plan, difference.after.plan)
    var lines = [difference.isSameShape ? "The plans have the same shape." : "The plans differ in shape."]
    if let before = a.executionMilliseconds, let after = b.executionMilliseconds {
      lines.append(
        "execution \(Figures.milliseconds(before)) → \(Figures.milliseconds(after))"
          + (before > 0 && after > 0 ? " (\(Figures.factor(after / before)))" : ""))
    }
    if let before = a.root.estimate?.totalCost, let after = b.root.estimate?.totalCost {
      lines.append("cost \(Figures.decimals(before, 2)) → \(Figures.decimals(after, 2))")
    }
    lines += difference.settings.map { "setting " + $0 }
    lines.append("")
    var cells: [(times: String, rows: String, node: String)] = [("own ms", "rows", "node")]
    for row in difference.rows {
      let node = row.after ?? row.before
      let mark: String
      var note = ""
      switch row.kind {
      case .same: mark = "  "
      case .added: mark = "+ "
      case .removed: mark = "- "
      case .changed(let changes):
        mark = "~ "
        note = "  (" + changes.joined(separator: "; ") + ")"
      }
      let times: String
      let rows: String
      if let before = row.before, let after = row.after {
        times = Self.change(before.exclusive, after.exclusive)
        rows =
          before.node.actual == nil || after.node.actual == nil
          ? "" : Figures.count(before.rows.middle) + " → " + Figures.count(after.rows.middle)
      } else {
        times = node?.exclusive.map { Figures.decimals($0, 2) } ?? ""
        rows = node.flatMap { $0.node.actual == nil ? nil : Figures.count($0.rows.middle) } ?? ""
      }
      cells.append(
        (
          times, rows,
          mark + String(repeating: "  ", count: row.depth) + (node.map { NodeText.line($0.node) } ?? "") + note
        ))
    }
    let (wide, wider) = (cells.map(\.times.count).max() ?? 0, cells.map(\.rows.count).max() ?? 0)
    for cell in cells {
      let line =
        String(repeating: " ", count: wide - cell.times.count) + cell.times + "  "
        + String(repeating: " ", count: wider - cell.rows.count) + cell.rows + "  " + cell.node
      lines.append(width.map { line.count > $0 ? line.prefix($0 - 1) + "…" : line } ?? line)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  var json: JSONValue {
    [
      "same_shape": .bool(difference.isSameShape),
      "before_shape_hash": .string(Fingerprint(difference.before.plan.shape).description),
      "after_shape_hash": .string(Fingerprint(difference.after.plan.shape).description),
      "before_execution_ms": .number(difference.before.plan.executionMilliseconds),
      "after_execution_ms": .number(difference.after.plan.executionMilliseconds),
      "settings": .array(difference.settings.map { .string($0) }),
      "nodes": .array(difference.rows.map(Self.json)),
    ]
  }

  private static func json(_ row: PlanDifference.Row) -> JSONValue {
    let (kind, changes): (String, [String]) =
      switch row.kind {
      case .same: ("same", [])
      case .changed(let changes): ("changed", changes)
      case .added: ("added", [])
      case .removed: ("removed", [])
      }
    return [
      "kind": .string(kind), "depth": .count(row.depth), "changes": .array(changes.map { .string($0) }),
      "before": .text(row.before.map { NodeText.line($0.node) }),
      "after": .text(row.after.map { NodeText.line($0.node) }),
      "before_own_ms": .number(row.before?.exclusive), "after_own_ms": .number(row.after?.exclusive),
      "before_rows": .number(row.before?.rows.middle), "after_rows": .number(row.after?.rows.middle),
    ]
  }
}

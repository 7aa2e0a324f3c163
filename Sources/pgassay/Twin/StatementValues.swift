import Catalog
import History
import Model
import PlannerTwin
import SQLText
import WhatIf

/// Finds what stands for the placeholders of statements: a recorded execution of the history, else values drawn from the
/// column statistics, else nothing, for the plan that the server makes for any values.
struct StatementValues {
  /// A statement with what is known of its values.
  struct Filled {
    var statement: PlannableStatement
    /// Where the values come from, if they are known before it is planned.
    var origin: ParameterOrigin?
  }

  private let draw: ParameterDraw
  private let store: HistoryStore?
  private let database: String?

  /// - Parameter store: the history that the snapshot comes from; nil where it comes from elsewhere.
  init(_ snapshot: Snapshot, store: HistoryStore?) throws {
    draw = try ParameterDraw(snapshot)
    self.store = store
    database = try snapshot.headerRow.optionalString("database")
  }

  func filled(_ statement: PlannableStatement) throws -> Filled {
    guard Placeholders(statement.sql).count > 0 else { return Filled(statement: statement) }
    if let recorded = try recorded(statement) { return Filled(statement: recorded, origin: .recorded) }
    let drawn = draw.instances(of: statement).max { $0.share < $1.share }?.statement ?? statement
    return Filled(statement: drawn)
  }

  /// The execution that was kept last of the ordinary ones, which stand for the load; of the slow ones where there are none
  /// of these.
  private func recorded(_ statement: PlannableStatement) throws -> PlannableStatement? {
    guard let store else { return nil }
    let samples = try store.samples(of: Fingerprinter().describe(statement.sql).fingerprint).filter { sample in
      (database == nil || sample.dimensions.database == database)
        && Placeholders(sample.text).count <= sample.parameters.count
        && !sample.parameters.contains { if case .hashed = $0 { true } else { false } }
    }
    func last(_ reason: ExecutionSample.Reason) -> ExecutionSample? {
      samples.filter { $0.reason == reason }.max { ($0.at, $0.text) < ($1.at, $1.text) }
    }
    guard let sample = last(.ordinary) ?? last(.slow) else { return nil }
    var found = statement
    found.sql = sample.text
    found.parameters = sample.parameters.isEmpty ? nil : sample.parameters
    return found
  }
}

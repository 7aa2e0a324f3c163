import ArgumentParser
import Foundation
import History
import Model
import PlannerTwin
import Report
import WhatIf

/// `pgassay twin plan`: options, and one call.
struct TwinPlan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Plan statements as production would, before and after indexes or a whole migration.",
    discussion: """
      A file may hold several statements. Placeholders ($1) get the values of a recorded execution where the history has \
      one, else likely values drawn from the column statistics; what cannot be drawn is planned for any value, with \
      LIMIT $n taken as 50. The output says which. --generic plans for any values in any case. The values are of your data: \
      plans and output leave them out unless --show-values is given.

      Examples:
        pgassay twin plan query.sql
        pgassay twin plan --history shop.history query.sql --with "CREATE INDEX ON orders (customer_id)"
        pgassay twin plan --snapshot shop.ndjson.gz *.sql --with-file migration.sql --format json
        pgassay twin plan --query "SELECT * FROM orders WHERE id = 1" --without orders_pkey
        pgassay twin plan --connection postgresql://monitor@db1/shop query.sql --with "DROP INDEX ix_old"

      A statement that cannot be planned is shown with the server's message and the others go on; the exit code is 2 \
      where none can be planned, or where the server refuses the change.
      """)

  @OptionGroup var source: TwinSource

  @Argument(help: ArgumentHelp("Files of statements; - is standard input.", valueName: "file"))
  var files: [String] = []

  @Option(help: ArgumentHelp("A statement to plan; may be given several times.", valueName: "sql"))
  var query: [String] = []

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp("A change, such as CREATE INDEX …; may be repeated.", valueName: "ddl"))
  var with: [String] = []

  @Option(name: .customLong("with-file"), help: ArgumentHelp("A migration: a file of such changes.", valueName: "file"))
  var withFile: [String] = []

  @Option(help: ArgumentHelp("Plan as if this existing index were gone; may be repeated.", valueName: "index"))
  var without: [String] = []

  @Flag(help: "Plan statements with placeholders for any values (EXPLAIN (GENERIC_PLAN)).")
  var generic = false

  @Flag(help: "Show the values that stood for placeholders, which are of your data.")
  var showValues = false

  @OptionGroup var output: FormatOption<TrialFormats>

  enum TrialFormats: FormatSubset {
    static let formats: [OutputFormat] = [.text, .json]
  }

  func validate() throws {
    guard !files.isEmpty || !query.isEmpty else { throw ValidationError("give a file of statements, or --query") }
  }

  func run() async throws {
    var statements: [PlannableStatement] = []
    for (number, text) in query.enumerated() {
      statements += Self.statements(text, name: query.count > 1 ? "query \(number + 1)" : "query")
    }
    for file in files { statements += Self.statements(try SQLFile.text(at: file), name: file) }
    guard !statements.isEmpty else {
      throw SQLFile.Fault(path: files.first ?? "--query", reason: "it holds no statement")
    }
    var changes = with.flatMap(SQLScript.statements)
    for file in withFile { changes += SQLScript.statements(try SQLFile.text(at: file)) }

    let all = statements
    let wanted = changes
    let report = try await Interrupts.untilInterrupted {
      let store = try source.openHistory()
      defer { try? store?.close() }
      let snapshot = try await source.read(store)
      let values = try StatementValues(snapshot, store: store)
      let filled = try all.map { generic ? .init(statement: $0) : try values.filled($0) }
      let twin = try await source.start(snapshot, label: "plan")
      do {
        let trial = try await PlanTrial.run(
          on: twin.databases[0], filled.map(\.statement), changes: wanted, without: Set(without))
        await twin.stop()
        return TrialReport(
          trial: trial, twin: twin.report, hasChange: !wanted.isEmpty || !without.isEmpty,
          origins: filled.map(\.origin), texts: all.map(\.sql), showsValues: showValues)
      } catch {
        await twin.stop()
        throw error
      }
    }
    switch output.format {
    case .json: Output.standard.json(report.json)
    default: Output.standard.write(report.text(width: Output.standard.style.width))
    }
    let queries = report.trial.queries
    if !report.twin.leftOut.isEmpty {
      let affected = queries.count { !report.twin.leftOut(affecting: $0.statement.sql).isEmpty }
      Diagnostics.note(
        "\(report.twin.leftOut.count) objects are not in the twin, or simpler there; "
          + (affected == 0 ? "no statement names one" : "\(affected) of \(queries.count) statements name some")
          + "; --format json lists them")
    }
    let failed = queries.count { $0.before == nil && $0.after == nil }
    if failed == queries.count {
      Diagnostics.error(
        queries.count == 1
          ? "the statement cannot be planned" : "none of the \(queries.count) statements can be planned")
      throw ExitCode.unusable
    }
    if failed > 0 { Diagnostics.warning("\(failed) of \(queries.count) statements cannot be planned") }
  }

  private static func statements(_ text: String, name: String) -> [PlannableStatement] {
    let list = SQLScript.statements(text)
    return list.enumerated().map { number, sql in
      PlannableStatement(id: list.count > 1 ? "\(name):\(number + 1)" : name, sql: sql, database: "")
    }
  }
}

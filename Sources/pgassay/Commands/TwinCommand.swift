import ArgumentParser
import Foundation
import Model
import PlannerTwin
import PrivateServer
import Report
import WhatIf

/// `pgassay twin`: production's planner on this machine.
struct TwinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin",
    abstract:
      "Ask production's planner on this machine: plans before and after a change, without production or its data.",
    discussion: """
      A planner twin is a private PostgreSQL server with a captured database's schema, planner statistics and sizes, and \
      none of its rows: it plans as production does. It listens on no network, runs without root's rights and is removed \
      when its command ends, however it ends.
      """,
    subcommands: [TwinPlan.self, TwinStart.self, TwinStop.self])
}

/// `pgassay twin plan`: options, and one call.
struct TwinPlan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Plan statements as production would, before and after indexes or a whole migration.",
    discussion: """
      A file may hold several statements. Placeholders ($1) are given their generic plan, with LIMIT $n taken as 50.

      Examples:
        pgassay twin plan query.sql
        pgassay twin plan --history shop.history query.sql --with "CREATE INDEX ON orders (customer_id)"
        pgassay twin plan --snapshot shop.ndjson.gz *.sql --with-file migration.sql --format json
        pgassay twin plan --query "SELECT * FROM orders WHERE id = 1" --without orders_pkey
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
      let twin = try await source.start(label: "plan")
      do {
        let trial = try await PlanTrial.run(
          on: twin.databases[0], all, changes: wanted, without: Set(without))
        await twin.stop()
        return TrialReport(trial: trial, twin: twin.report, hasChange: !wanted.isEmpty || !without.isEmpty)
      } catch {
        await twin.stop()
        throw error
      }
    }
    switch output.format {
    case .json: Output.standard.json(report.json)
    default: Output.standard.write(report.text(width: Output.standard.style.width))
    }
    // Something was planned, but not everything.
    if report.trial.queries.contains(where: { $0.error != nil }) { throw ExitCode.findings }
  }

  private static func statements(_ text: String, name: String) -> [PlannableStatement] {
    let list = SQLScript.statements(text)
    return list.enumerated().map { number, sql in
      PlannableStatement(id: list.count > 1 ? "\(name):\(number + 1)" : name, sql: sql, database: "")
    }
  }
}

/// `pgassay twin start`: options, and one call.
struct TwinStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start a twin for psql, and keep it until stopped.",
    discussion: """
      Prints a connection string and waits for Ctrl-C or 'pgassay twin stop'. EXPLAIN there is production's; tables have \
      no rows, whatever their size.

      Examples:
        pgassay twin start
        psql "$(pgassay twin start --quiet --history shop.history &)"
      """)

  @OptionGroup var source: TwinSource

  @Flag(help: "Print the connection string only.")
  var quiet = false

  func run() async throws {
    try await Interrupts.untilInterrupted {
      let twin = try await source.start(label: Self.label)
      let connection = twin.connectionString
      if quiet {
        Output.standard.line(connection)
      } else {
        let report = twin.report
        Output.standard.line("psql \"\(connection)\"")
        Output.standard.line(
          "PostgreSQL \(report.twin), \(report.tables) tables and \(report.indexes) indexes that stand for "
            + "\(Quantity.bytes(report.simulatedBytes)); stop with Ctrl-C or 'pgassay twin stop'")
      }
      Output.standard.flush()
      // Sleeps until the task is cancelled: by a signal, which is how this command ends well.
      while !Task.isCancelled { try? await Task.sleep(nanoseconds: 3_600_000_000_000) }
      await twin.stop()
    }
  }

  static let label = "kept"
}

/// `pgassay twin stop`: options, and one call.
struct TwinStop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop the twins that 'pgassay twin start' keeps.",
    discussion: """
      Examples:
        pgassay twin stop
      """)

  func run() async throws {
    let kept = try PrivateServer.running().filter { $0.label == TwinStart.label }
    for server in kept { kill(server.owner, SIGTERM) }
    let directories = Set(kept.map(\.directory))
    for _ in 0..<1_000 {
      let left = try PrivateServer.running().filter { directories.contains($0.directory) }
      if left.isEmpty { break }
      try await Task.sleep(nanoseconds: 20_000_000)
    }
    Output.standard.line(
      kept.isEmpty ? "no twin is running" : "stopped \(kept.count) \(kept.count == 1 ? "twin" : "twins")")
  }
}

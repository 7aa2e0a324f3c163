import Catalog
import Foundation
import Model
import PlannerTwin
import PostgresClient
import PrivateServer
import WhatIf

/// What a planner twin costs: seconds until it is ready, bytes on disk, milliseconds for an index and for a plan.
///
///     swift run -c release twin-cost [--quick]
///
/// --quick leaves out the database of 2,000 tables.
///
/// A real table of twenty columns is filled, analyzed and captured; its rows of the snapshot, under other names and
/// object ids, make the databases that are measured. Medians; exit code 1 where a bar is missed.
@main
struct TwinCost {
  static func main() async {
    do {
      exit(try await run() ? 0 : 1)
    } catch let error as any UserError {
      FileHandle.standardError.write(Data("twin-cost: \(error.sentence)\n".utf8))
    } catch {
      FileHandle.standardError.write(Data("twin-cost: \(error)\n".utf8))
    }
    exit(2)
  }

  private static func run() async throws -> Bool {
    let version = ProcessInfo.processInfo.environment["TWIN_COST_VERSION"].flatMap { Int($0) } ?? 15
    let model = try await ModelTable.capture(version: version)
    var isGood = true
    func show(_ what: String, _ value: Double, _ unit: String, bar: Double? = nil) {
      var line = what.padding(toLength: 62, withPad: " ", startingAt: 0) + String(format: "%10.2f %@", value, unit)
      if let bar {
        let holds = value <= bar
        isGood = isGood && holds
        line += String(format: "   %@ %.4g %@", holds ? "≤" : "MISSES", bar, unit)
      }
      print(line)
    }

    // The first start may run initdb.
    await (try await PlannerTwin.start(from: try model.snapshot(tables: 1))).stop()

    let small = try model.snapshot(tables: 15)
    show("twin of 15 tables, ready", try await median(of: 7) { try await start(small) }, "s", bar: 1.5)
    var sizes = [
      ("15 tables", small), ("15 tables that stand for 20 TB", try model.snapshot(tables: 15, bytes: 20 << 40)),
    ]
    if !CommandLine.arguments.contains("--quick") {
      let large = model.lines(tables: 2_000)
      show("snapshot of 2,000 tables of 20 columns, size", Double(large.count) / 1e6, "MB")
      show("  read", try await median(of: 3) { _ = try Snapshot(lines: large, needsEnd: false) }, "s")
      let snapshot = try Snapshot(lines: large, needsEnd: false)
      show("  twin ready", try await median(of: 3) { try await start(snapshot) }, "s", bar: 20)
      sizes.append(("2,000 tables", snapshot))
    }

    for (name, snapshot) in sizes {
      let begin = ContinuousClock.now
      let twin = try await PlannerTwin.start(from: snapshot)
      let seconds = begin.duration(to: .now).seconds
      let disk = try DiskUse(of: twin.server.socketDirectory)
      show("twin of \(name), ready", seconds, "s")
      show("  stands for", Double(twin.report.simulatedBytes) / 1e9, "GB")
      show("  on disk", Double(disk.total) / 1e6, "MB")
      show("  of it catalog", Double(disk.catalog) / 1e6, "MB")
      show("  beside the catalog", Double(disk.total - disk.catalog) / 1e6, "MB", bar: 10)
      await twin.stop()
    }

    let twin = try await PlannerTwin.start(from: small)
    let planner = TwinPlanner(twin)
    var indexes: [String] = []
    var milliseconds: [Double] = []
    for table in 1...15 {
      for columns in [["c2"], ["c3", "c4"], ["c5"], ["c6", "c2"]] {
        let definition = IndexDefinition(
          table: RelationName(schema: "public", name: "t\(table)"), keys: columns.map { .column($0) })
        let begin = ContinuousClock.now
        indexes.append(try await planner.add(definition).name)
        milliseconds.append(begin.duration(to: .now).seconds * 1_000)
      }
    }
    show("one more hypothetical index", Self.median(milliseconds), "ms", bar: 5)

    for (name, sql) in [
      ("a row by its key", "SELECT * FROM t1 WHERE id = 4711"),
      ("a filter and a sort", "SELECT * FROM t1 WHERE c2 = 7 AND c3 > 50 ORDER BY c5 LIMIT 10"),
      (
        "a join of four tables",
        "SELECT t1.c8, count(*) FROM t1 JOIN t2 ON t2.id = t1.c2 JOIN t3 ON t3.id = t2.c3 JOIN t4 ON t4.c4 = t3.c4 "
          + "WHERE t1.c13 = 5 AND t4.c2 < 20 GROUP BY t1.c8 ORDER BY 2 DESC LIMIT 20"
      ),
    ] {
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: try await twin.connectionString()))
      let statement = PlannableStatement(id: name, sql: sql, database: "shop")
      var bare: [Double] = []
      var whatIf: [Double] = []
      // One after the other, so that both see the same machine; every question asks for another set of indexes.
      for round in 0..<400 {
        var begin = ContinuousClock.now
        _ = try await connection.query("EXPLAIN (FORMAT JSON) " + sql)
        if round >= 50 { bare.append(begin.duration(to: .now).seconds * 1_000) }
        let set: Set<String> = [indexes[round % 8]]
        begin = .now
        _ = try await planner.plan(statement, with: set, without: [])
        if round >= 50 { whatIf.append(begin.duration(to: .now).seconds * 1_000) }
      }
      await connection.close()
      let ratio = Self.median(whatIf) / Self.median(bare)
      show("\(name): bare EXPLAIN", Self.median(bare), "ms")
      show("  what-if plan with another index each time", Self.median(whatIf), "ms")
      show("  ratio", ratio, "×", bar: 2)
    }
    await twin.stop()
    return isGood
  }

  private static func start(_ snapshot: Snapshot) async throws {
    let twin = try await PlannerTwin.start(from: snapshot)
    // Its end is not part of the bar, and must be over before the next begins.
    started = .now
    await twin.stop()
  }

  /// When the last twin was ready.
  nonisolated(unsafe) private static var started: ContinuousClock.Instant?

  private static func median(of rounds: Int, _ body: () async throws -> Void) async throws -> Double {
    var seconds: [Double] = []
    for _ in 0..<rounds {
      started = nil
      let begin = ContinuousClock.now
      try await body()
      seconds.append(begin.duration(to: started ?? .now).seconds)
    }
    return median(seconds)
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.count % 2 == 1
      ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

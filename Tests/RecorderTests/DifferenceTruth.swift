import Catalog
import Foundation
import History
import Model
import PostgresClient
import Recorder
import SQLText
import Statements
import Synchronization
import TestSupport
import Testing

/// Windows between snapshots of a real server, with everything in them that ends lives of entries, held against what
/// the client counted.
struct DifferenceTruth {
  /// How (query, window) pairs came out.
  struct Counts: Sendable, CustomStringConvertible {
    var exact = 0
    /// Flagged, some of the truth counted; and those of them where nothing was in fact missing.
    var lowerBound = 0
    var needless = 0
    /// Flagged, nothing of the truth counted.
    var unknown = 0
    var wrong = 0
    /// Pairs whose window's shortest or longest duration is known.
    var extremes = 0
    var pairs: Int { exact + lowerBound + unknown + wrong }

    var description: String {
      "\(pairs) pairs: \(exact) exact, \(lowerBound) lower bounds"
        + " (\(needless) of them though nothing was missing), \(unknown) unknown, \(wrong) wrong;"
        + " \(extremes) window extremes known"
    }

    static func += (a: inout Counts, b: Counts) {
      a.exact += b.exact
      a.lowerBound += b.lowerBound
      a.needless += b.needless
      a.unknown += b.unknown
      a.wrong += b.wrong
      a.extremes += b.extremes
    }
  }

  struct Tally: Sendable, CustomStringConvertible {
    var windows = 0
    /// A query by one role in one database.
    var entries = Counts()
    /// A query by whomever.
    var statements = Counts()

    var description: String { "\(windows) windows; entries: \(entries); statements: \(statements)" }

    static func += (a: inout Tally, b: Tally) {
      a.windows += b.windows
      a.entries += b.entries
      a.statements += b.statements
    }
  }

  /// What happens in a window, beside executions.
  enum Event: CaseIterable {
    case none, resetAll, resetDatabase, resetQuery, resetExtremes, flood, killPostmaster, killBackend, stopImmediately
    case restart, restartWithoutFile, recreateExtension, held
  }

  let major: Int
  /// The versions that the extension goes through, in turn.
  let versions: [String]
  let windows: Int
  /// The role that captures.
  let role: String
  var seed: UInt64
  /// `pg_stat_statements.max`: with 100 entries are thrown out in most windows.
  var capacity = 100

  func run() async throws -> (tally: Tally, byVersion: [(version: String, tally: Tally)]) {
    try await RestartableServer.with(
      major,
      settings: [
        "shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": String(capacity),
        "pg_stat_statements.track": "all",
      ]
    ) { server in
      let client = CountingClient(server)
      try await client.prepare()
      try await client.administer("CREATE EXTENSION pg_stat_statements VERSION '\(versions[0])'")
      let path = NSTemporaryDirectory() + "pgassay-truth-\(UUID().uuidString)"
      defer { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
      let history = try HistoryStore(path: path, mode: .write)
      defer { try? history.close() }
      var walk = Walk(server: server, client: client, history: history, role: role, random: SplitMix(state: seed))
      var total = Tally()
      var list: [(String, Tally)] = []
      _ = await client.takeWindow()
      try await walk.begin()
      for (place, version) in versions.enumerated() {
        var tally = Tally()
        for number in 0..<(windows / versions.count) {
          // The update falls into a window, like everything else.
          let update = number == 0 && place > 0 ? version : nil
          try await walk.window(updatingTo: update, current: version, &tally)
        }
        total += tally
        list.append((version, tally))
      }
      return (total, list)
    }
  }

  /// The state between windows.
  private struct Walk {
    let server: RestartableServer
    let client: CountingClient
    let history: HistoryStore
    let role: String
    var random: SplitMix
    let fingerprinter = Fingerprinter()
    var last: SnapshotHeader?
    var told = true
    var fingerprints: [Fingerprint: Int] = [:]

    /// Versions that tell neither nested calls nor resets.
    private static let oldest = ["1.6", "1.7", "1.8"]

    mutating func begin() async throws {
      for shape in 0..<(CountingClient.frequent + CountingClient.rare) {
        fingerprints[fingerprinter.describe(CountingClient.text(shape)).fingerprint] = shape
        fingerprints[fingerprinter.describe(CountingClient.heldText(shape)).fingerprint] =
          shape + CountingClient.heldOffset
      }
      for shape in 0..<CountingClient.frequent {
        for number in CountingClient.connections(of: shape) {
          try await client.run(shape, rows: 1, sleep: 0, on: number)
        }
      }
      (last, told) = try await capture()
      _ = await client.takeWindow()
    }

    private func capture() async throws -> (SnapshotHeader, Bool) {
      let recorder = Mutex(SnapshotRecorder())
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(
          host: server.socketDirectory, port: String(server.port), user: role, database: "postgres"))
      let known = history
      let live = LiveCapture(.init(withStatistics: false, scope: .statements)) { header in
        Set(
          try known.statementsWithText(of: header.server).map {
            LiveCapture.Entry(
              databaseID: $0.databaseID, userID: $0.userID, queryID: $0.queryID.value, isTopLevel: $0.isTopLevel)
          })
      }
      let outcome = try await live.run(on: connection) { lines in try recorder.withLock { try $0.add(lines) } }
      #expect(outcome.sections.compactMap(\.fault) == [])
      let recorded = try recorder.withLock { try $0.finish(into: history, fingerprinter) }
      await connection.close()
      #expect(!recorded.isKnown)
      return (
        recorded.snapshot.header, recorded.snapshot.header.statementsVersion.map { !Self.oldest.contains($0) } ?? false
      )
    }

    mutating func window(updatingTo version: String?, current: String, _ tally: inout Tally) async throws {
      let event = Event.allCases[random.below(Event.allCases.count)]
      try await executions()
      if let version { try await client.administer("ALTER EXTENSION pg_stat_statements UPDATE TO '\(version)'") }
      try await happen(event, version: current)
      try await executions()
      if event == .held { try await client.beginHeld(random.below(CountingClient.frequent)) }
      guard let from = last else { return }
      let truth = await client.takeWindow()
      let (to, tellsLevel) = try await capture()
      let levels = Levels(before: told, after: tellsLevel)
      try await client.finishHeld()
      let window = TimeWindow(from: from.at, to: to.at)
      let place = "\(event) with \(version ?? current), window to \(to.at)"
      tally.windows += 1
      // What ends no life must not be taken for something that does.
      let calm: Set<StatementsDifference.Interruption> =
        Self.oldest.contains(current) || version == "1.9"
        ? [.columns, .restart, .serverStatisticsReset] : [.columns, .cleanRestart]
      if [.none, .held, .recreateExtension, .restart, .resetExtremes].contains(event) {
        let others = try history.workload(in: window).interruptions.filter {
          if case .evictions = $0 { return false }
          // Minima and maxima are reset by the same function.
          return !calm.contains($0) && !(event == .resetExtremes && $0 == .resetCalled)
        }
        #expect(others == [], "\(place)")
      }
      // Entry by entry: every shape by each session that runs it.
      for (number, session) in CountingClient.sessions.enumerated() {
        let own = truth.filter { $0.key.connection == number }
        judge(
          try history.workload(in: window, WorkloadFilter(database: session.1, user: session.0)),
          Dictionary(uniqueKeysWithValues: own.map { ($0.key.shape, $0.value) }), levels,
          "\(session) \(place)", &tally.entries)
      }
      // And statement by statement, as reports show it: all entries of a shape together.
      var sums: [Int: CountingClient.Count] = [:]
      for (place, count) in truth { sums[place.shape, default: .init()].add(count) }
      judge(try history.workload(in: window), sums, levels, "all \(place)", &tally.statements)
      (last, told) = (to, tellsLevel)
    }

    /// Some dozens of executions, few shapes often and many seldom.
    private mutating func executions() async throws {
      for _ in 0..<(40 + random.below(80)) {
        let shape = min(random.below(CountingClient.frequent), random.below(CountingClient.frequent))
        switch random.below(40) {
        case 0: try await client.runNested(shape, rows: 1 + random.below(5))
        case 1: try await client.fail(shape)
        default:
          try await client.run(
            shape, rows: random.below(8), sleep: random.below(12) == 0 ? 1 + random.below(4) : 0,
            on: CountingClient.connections(of: shape).randomElement(using: &random) ?? 0)
        }
      }
    }

    private mutating func happen(_ event: Event, version: String) async throws {
      switch event {
      case .none, .held: break
      // Its function resets everything only.
      case .resetDatabase where version == "1.6", .resetQuery where version == "1.6": break
      case .resetAll: try await client.administer("SELECT pg_stat_statements_reset()")
      case .resetDatabase:
        try await client.administer(
          "SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = 'other'))")
      case .resetQuery:
        for _ in 0..<3 {
          try await client.administer(
            """
            SELECT pg_stat_statements_reset(0, 0, (SELECT queryid FROM pg_stat_statements
            WHERE query LIKE '%\(CountingClient.table(random.below(20))),%' LIMIT 1))
            """)
        }
      case .resetExtremes where ["1.11", "1.12"].contains(version):
        try await client.administer("SELECT pg_stat_statements_reset(0, 0, 0, true)")
      case .resetExtremes: break
      case .flood:
        for _ in 0..<(20 + random.below(120)) {
          let shape = CountingClient.frequent + random.below(CountingClient.rare)
          try await client.run(shape, rows: 1, sleep: 0, on: CountingClient.connections(of: shape)[0])
        }
      case .killPostmaster:
        server.kill()
        await client.forgetConnections()
        try await server.start()
      case .killBackend: try await client.crashBackends()
      case .stopImmediately, .restart, .restartWithoutFile:
        try await server.stop(event == .stopImmediately ? "immediate" : "fast")
        await client.forgetConnections()
        if event == .restartWithoutFile { unlink(server.dataDirectory + "/pg_stat/pg_stat_statements.stat") }
        try await server.start()
      case .recreateExtension:
        try await client.administer("DROP EXTENSION pg_stat_statements")
        try await client.administer("CREATE EXTENSION pg_stat_statements VERSION '\(version)'")
      }
    }

    /// Whether the snapshots tell nested calls from others.
    struct Levels {
      var before: Bool
      var after: Bool
      var countsNested: Bool { !(before && after) }
    }

    private func judge(
      _ workload: WorkloadSummary, _ truth: [Int: CountingClient.Count], _ levels: Levels, _ place: String,
      _ tally: inout Counts
    ) {
      let countsNested = levels.countsNested
      var seen: [Int: StatementSummary] = [:]
      for statement in workload.statements {
        guard let fingerprint = statement.fingerprint, let shape = fingerprints[fingerprint] else { continue }
        seen[shape] = statement
      }
      let interruptions = workload.interruptions.filter { $0 != .cleanRestart && $0 != .columns }
      for shape in Set(seen.keys).union(truth.keys) {
        let count = truth[shape] ?? CountingClient.Count()
        let calls = Int64(count.calls + (countsNested ? count.nestedCalls : 0))
        guard let found = seen[shape] else {
          // An entry that is nested only, first seen when levels began to be told, is a nested one from then on.
          guard calls > 0, count.calls > 0 || levels.before == levels.after else { continue }
          if interruptions.isEmpty {
            tally.wrong += 1
            Issue.record("shape \(shape), \(place): \(calls) calls unseen and nothing tells of it")
          } else {
            tally.unknown += 1
          }
          continue
        }
        guard let totals = found.snapshots else { continue }
        let counted = totals.counters[.calls]
        let time = totals.counters[.execTime]
        var faults: [String] = []
        func check(_ isRight: Bool, _ what: String) { if !isRight { faults.append(what) } }
        // Rows of nested executions are in the client's count; where only outer ones count they are left out of it.
        let onlyOuter = count.nestedCalls == 0 || countsNested
        if totals.isExact {
          check(counted == calls, "\(counted) calls, truly \(calls)")
          check(
            !onlyOuter || totals.counters[.rows] == Int64(count.rows), "\(totals.counters[.rows]) rows, \(count.rows)")
          check(time >= count.shortestTotal, "\(time) ns, slept \(count.shortestTotal)")
          if let longest = totals.longest {
            check(longest >= count.longestSleep, "longest \(longest) ns, slept longer")
          }
        } else {
          check(counted <= calls, "at least \(counted) calls, truly \(calls)")
          check(!onlyOuter || totals.counters[.rows] <= Int64(count.rows), "at least \(totals.counters[.rows]) rows")
        }
        check(time <= count.longestTotal, "\(time) ns, the client waited \(count.longestTotal)")
        if let longest = totals.longest {
          check(longest <= count.longest, "longest \(longest) ns, waited \(count.longest)")
        }
        if let low = totals.shortest, let high = totals.longest { check(low <= high, "shortest above longest") }
        if totals.longest != nil || totals.shortest != nil { tally.extremes += 1 }
        if !faults.isEmpty {
          tally.wrong += 1
          Issue.record(
            "shape \(shape), \(place): \(faults.joined(separator: "; ")) (exact: \(totals.isExact), \(workload.interruptions))"
          )
        } else if totals.isExact {
          tally.exact += 1
        } else if counted == 0, calls > 0 {
          tally.unknown += 1
        } else {
          tally.lowerBound += 1
          if counted == calls { tally.needless += 1 }
        }
      }
    }
  }
}

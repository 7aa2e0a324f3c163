import History
import Model
import Report
import Statements

/// What `pgassay doctor` shows.
struct Checkup {
  /// One thing looked at.
  struct Item {
    enum State: String { case good, advice, broken }

    var what: String
    var state: State
    var result: String
    /// What to do; empty where nothing is to be done.
    var remedy = ""
  }

  let items: [Item]

  var isBroken: Bool { items.contains { $0.state == .broken } }

  init(_ store: HistoryStore) throws {
    let health = try store.health()
    guard health.damage.isEmpty else {
      items = Checkup.file(health)
      return
    }
    let contents = try store.contents()
    items =
      Checkup.file(health) + [try Checkup.retention(store)] + (try Checkup.sources(store, contents))
      + (try Checkup.settings(store, contents))
  }

  /// A file that SQLite cannot even look through.
  init(damaged path: String, detail: String) {
    items = [Item(what: "file", state: .good, result: path), Checkup.damage([detail])]
  }

  private static func damage(_ sentences: [String]) -> Item {
    Item(
      what: "integrity", state: .broken, result: sentences.prefix(3).joined(separator: "; "),
      remedy: "restore the file from a copy, or ingest the sources again into a new one")
  }

  private static func retention(_ store: HistoryStore) throws -> Item {
    let policy = try store.retentionPolicy()
    return Item(
      what: "retention", state: .good,
      result: policy.map { "keeps " + Pruning.words($0) } ?? "keeps everything as it was recorded")
  }

  private static func file(_ health: HistoryHealth) -> [Item] {
    var items = [
      Item(
        what: "file", state: .good,
        result:
          "\(health.path), \(Quantity.bytes(health.sizeBytes)), schema \(health.schema), SQLite \(health.sqliteVersion)"
      )
    ]
    items.append(
      health.damage.isEmpty
        ? Item(what: "integrity", state: .good, result: "every page and index is sound")
        : damage(health.damage))
    if !health.contradictions.isEmpty {
      items.append(
        Item(
          what: "contents", state: .broken, result: health.contradictions.joined(separator: "; "),
          remedy: "ingest the sources again into a new history"))
    }
    let others = health.permissions & 0o077
    items.append(
      others == 0
        ? Item(what: "permissions", state: .good, result: "only its owner can read it")
        : Item(
          what: "permissions", state: .advice,
          result: "mode \(String(health.permissions, radix: 8)): others can read it, and it may hold parameter values",
          remedy: "chmod 600 \(health.path)"))
    if health.freeBytes > health.sizeBytes / 4, health.freeBytes > 16 << 20 {
      items.append(
        Item(
          what: "space", state: .advice, result: "\(Quantity.bytes(health.freeBytes)) of it are free",
          remedy: "pgassay history vacuum"))
    }
    return items
  }

  private static func sources(_ store: HistoryStore, _ contents: HistoryContents) throws -> [Item] {
    var items: [Item] = []
    let sources = try store.sources()
    let entries = sources.reduce(0) { $0 + $1.entries }
    let skipped = sources.reduce(0) { $0 + $1.skipped.values.reduce(0, +) }
    if sources.isEmpty {
      items.append(
        Item(
          what: "logs", state: .advice, result: "none: percentiles, parameters and errors are not known",
          remedy: "pgassay ingest LOG…"))
    } else {
      let reasons = Dictionary(
        sources.flatMap { $0.skipped.map { ($0.key, $0.value) } }, uniquingKeysWith: +
      ).sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
      items.append(
        Item(
          what: "logs", state: skipped * 20 > entries ? .advice : .good,
          result: "\(Quantity.count(sources.count)) sources, \(Quantity.count(entries)) entries, "
            + (skipped == 0
              ? "nothing skipped"
              : "\(Quantity.count(skipped)) skipped: "
                + reasons.map { "\($0.value) × \($0.key)" }.joined(separator: ", "))))
    }
    let snapshots = try store.snapshots()
    if snapshots.count < 2 {
      items.append(
        Item(
          what: "snapshots", state: .advice,
          result: snapshots.isEmpty
            ? "none: rows, blocks and WAL are not known" : "only one: nothing to compare it with",
          remedy: "pgassay capture, again after some time"))
    } else {
      items.append(
        Item(
          what: "snapshots", state: .good,
          result:
            "\(Quantity.count(snapshots.count)), the newest of \(snapshots.last.map { HistoryWindow.text($0.at) } ?? "")"
        ))
      let hidden = snapshots.last?.hidden ?? 0
      if hidden > 0 {
        items.append(
          Item(
            what: "visibility", state: .advice, result: "\(hidden) statements of the newest snapshot hide their text",
            remedy: "GRANT pg_read_all_stats TO the capturing role"))
      }
    }
    if contents.catalogs == 0 {
      items.append(
        Item(
          what: "catalog", state: .advice, result: "none: no index advice is possible",
          remedy: "pgassay capture on each database"))
    } else {
      items.append(Item(what: "catalog", state: .good, result: "\(Quantity.count(contents.catalogs)) captured"))
    }
    return items
  }

  /// What settings of the server would make the next recording tell more.
  private static func settings(_ store: HistoryStore, _ contents: HistoryContents) throws -> [Item] {
    var items: [Item] = []
    let workload = try store.workload()
    let untimed = workload.statements.reduce(0) { $0 + ($1.log?.untimed ?? 0) }
    if untimed > 0 {
      items.append(
        Item(
          what: "log_statement", state: .advice,
          result: "\(Quantity.count(untimed)) executions were logged without a time",
          remedy: "log_min_duration_statement = 0 (or a threshold) instead of log_statement"))
    }
    let partial = workload.statements.filter { $0.source == .snapshots && ($0.log?.calls ?? 0) > 0 }
    if !partial.isEmpty {
      items.append(
        Item(
          what: "log_min_duration_statement", state: .advice,
          result: "the log holds only a part of the executions of \(Quantity.count(partial.count)) statements",
          remedy: "a lower log_min_duration_statement makes percentiles exact"))
    }
    let reads = workload.statements.reduce((blocks: Int64(0), time: Int64(0))) { sum, statement in
      let counters = statement.snapshots?.counters
      return (sum.blocks + (counters?[.sharedRead] ?? 0), sum.time + (counters?[.sharedReadTime] ?? 0))
    }
    if reads.blocks > 1_000, reads.time == 0 {
      items.append(
        Item(
          what: "track_io_timing", state: .advice,
          result: "\(Quantity.count(reads.blocks)) blocks were read, but how long that took is not recorded",
          remedy: "track_io_timing = on"))
    }
    let evictions = workload.interruptions.contains { if case .evictions(_?) = $0 { true } else { false } }
    if evictions {
      items.append(
        Item(
          what: "pg_stat_statements.max", state: .advice, result: InterruptionWords.sentence(workload.interruptions),
          remedy: "raise pg_stat_statements.max (needs a restart)"))
    }
    let cut = try store.samples().contains { sample in
      sample.parameters.contains { if case .truncated = $0 { true } else { false } }
    }
    if cut {
      items.append(
        Item(
          what: "log_parameter_max_length", state: .advice, result: "parameter values were cut",
          remedy: "log_parameter_max_length = -1"))
    }
    return items
  }

  var table: Table {
    var table = Table([
      .text("check"), .text("state"), .flexible("result"), .flexible("what to do", minimum: 16),
    ])
    for item in items {
      let tone: Tone =
        switch item.state {
        case .good: .good
        case .advice: .warning
        case .broken: .critical
        }
      table.add([.text(item.what), .text(item.state.rawValue, tone: tone), .text(item.result), .text(item.remedy)])
    }
    return table
  }

  var json: JSONValue {
    .document([
      "command": "doctor", "sound": .bool(!isBroken),
      "checks": .array(
        items.map { item in
          [
            "check": .string(item.what), "state": .string(item.state.rawValue), "result": .string(item.result),
            "remedy": item.remedy.isEmpty ? .null : .string(item.remedy),
          ]
        }),
    ])
  }
}

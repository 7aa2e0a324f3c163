import ArgumentParser
import History
import Report

/// `pgassay history`: looking after the file itself.
struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List, prune, merge, export and compact a history.",
    subcommands: [
      HistoryList.self, HistoryPrune.self, HistoryMergeCommand.self, HistoryExportCommand.self, HistoryVacuum.self,
    ])
}

/// `pgassay history list`.
struct HistoryList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show what a history holds: time, sources, snapshots with their ids, catalogs.",
    discussion: """
      Examples:
        pgassay history list
        pgassay history list --all --format json
      """)

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: FormatOption<ResultFormats>

  @Flag(help: "All snapshots and catalogs, not only the newest twenty.")
  var all = false

  func run() async throws {
    let listing = try HistoryListing(
      try HistoryStore(path: history.path, mode: .read), limit: all ? .max : 20)
    switch output.format {
    case .json: Output.standard.json(listing.json)
    case .markdown: Output.standard.write(listing.markdown)
    case .text, .csv, .html:
      for part in listing.parts {
        Output.standard.line(part.title)
        if let table = part.table { Output.standard.table(table) }
        Output.standard.line()
      }
    }
  }
}

/// `pgassay history prune`.
struct HistoryPrune: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Roll up what is old: minutes to hours, hours to days; sums and percentiles stay exact.",
    discussion: """
      A history keeps single minutes and snapshot intervals for 14 days, hours for 92 days, and days for ever, unless it \
      is told otherwise here: what is said with --minutes, --hours, --days or --never holds for this file from now on. \
      ingest and capture roll up by the same rule when they are done. Days are counted back from the newest observation \
      (never from one in the future). Space that becomes free is used again; `pgassay history vacuum` gives it back.

      Examples:
        pgassay history prune
        pgassay history prune --minutes 30 --hours 180 --days 730
        pgassay history prune --never
      """)

  @OptionGroup var history: HistoryOptions

  @Option(
    help: ArgumentHelp("Days for which minutes and single snapshot intervals are kept (14).", valueName: "days"))
  var minutes: Int?

  @Option(help: ArgumentHelp("Days for which hours are kept (92).", valueName: "days"))
  var hours: Int?

  @Option(help: ArgumentHelp("Days after which everything goes; without it days are kept for ever.", valueName: "days"))
  var days: Int?

  @Flag(help: "Keep everything as it was recorded, from now on.")
  var never = false

  @OptionGroup var output: FormatOption<ResultFormats>

  private var isTold: Bool { minutes != nil || hours != nil || days != nil }

  private var policy: RetentionPolicy {
    let standard = RetentionPolicy()
    let fine = minutes ?? standard.fineDays
    return RetentionPolicy(fineDays: fine, hourDays: hours ?? max(fine, standard.hourDays), totalDays: days)
  }

  func validate() throws {
    guard !never || !isTold else { throw ValidationError("--never cannot be combined with the other switches.") }
    guard policy.isSound else {
      throw ValidationError("Keep at least one day of minutes, as much of hours, and as much again of days.")
    }
  }

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .update)
    defer { try? store.close() }
    if never { try store.setRetentionPolicy(nil) }
    if isTold { try store.setRetentionPolicy(policy) }
    let kept = try store.retentionPolicy()
    let result = try kept.flatMap { try store.prune($0, now: .now) }
    let pruning = Pruning(policy: kept, result: result, freeBytes: try store.freeBytes())
    switch output.format {
    case .json: Output.standard.json(pruning.json)
    case .text, .markdown, .csv, .html: for line in pruning.lines { Output.standard.line(line) }
    }
  }
}

/// `pgassay history merge`.
struct HistoryMergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Take other histories into this one, counting nothing twice.",
    discussion: """
      What two histories read from the same log is counted once, whichever read more of it; snapshots are joined server \
      by server. The order does not matter, and merging again changes nothing.

      Example:
        pgassay history merge --history all.history monday.history tuesday.history
      """)

  @OptionGroup var history: HistoryOptions

  @Argument(help: ArgumentHelp("Histories to take in; what they hold stays as it is.", valueName: "file"))
  var files: [String]

  @OptionGroup var output: FormatOption<ResultFormats>

  func run() async throws {
    // All are looked at before anything is changed.
    for file in files { try HistoryStore(path: file, mode: .read).close() }
    let store = try HistoryStore(path: history.path, mode: .write)
    defer { try? store.close() }
    var merged: [JSONValue] = []
    for file in files {
      let before = try store.contents()
      try store.merge(from: file)
      let after = try store.contents()
      let new = (
        sources: after.sources - before.sources, statements: after.statements - before.statements,
        snapshots: after.snapshots - before.snapshots, catalogs: after.catalogs - before.catalogs
      )
      merged.append([
        "path": .string(file), "new_sources": .count(new.sources), "new_statements": .count(new.statements),
        "new_snapshots": .count(new.snapshots), "new_catalogs": .count(new.catalogs),
      ])
      guard output.format != .json else { continue }
      Output.standard.line(
        "\(file): \(Quantity.count(new.sources)) sources, \(Quantity.count(new.statements)) statements, "
          + "\(Quantity.count(new.snapshots)) snapshots and \(Quantity.count(new.catalogs)) catalogs were new")
    }
    if output.format == .json {
      Output.standard.json(
        .document(["command": "history merge", "path": .string(history.path), "merged": .array(merged)]))
    }
  }
}

/// `pgassay history vacuum`.
struct HistoryVacuum: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vacuum",
    abstract: "Give the space that pruning freed back to the file system.",
    discussion: """
      Needs as much free space as the history is large while it runs.

      Example:
        pgassay history vacuum
      """)

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: FormatOption<ResultFormats>

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .update)
    defer { try? store.close() }
    let (before, after) = try store.vacuum()
    guard output.format != .json else {
      Output.standard.json(
        .document([
          "command": "history vacuum", "path": .string(history.path), "before_bytes": .count(before),
          "after_bytes": .count(after),
        ]))
      return
    }
    Output.standard.line("\(history.path): \(Quantity.bytes(before)) before, \(Quantity.bytes(after)) after")
  }
}

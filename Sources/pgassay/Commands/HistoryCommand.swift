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
      Days are counted back from the newest observation. Afterwards `pgassay history vacuum` gives the space back.

      Examples:
        pgassay history prune
        pgassay history prune --minutes 7 --hours 60 --days 730
      """)

  @OptionGroup var history: HistoryOptions

  @Option(help: ArgumentHelp("Days for which minutes and single snapshot intervals are kept.", valueName: "days"))
  var minutes = 14

  @Option(help: ArgumentHelp("Days for which hours are kept.", valueName: "days"))
  var hours = 92

  @Option(help: ArgumentHelp("Days after which everything goes; without it days are kept for ever.", valueName: "days"))
  var days: Int?

  func validate() throws {
    guard minutes >= 1, hours >= minutes, days.map({ $0 >= hours }) ?? true else {
      throw ValidationError("Keep at least one day of minutes, as much of hours, and as much again of days.")
    }
  }

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .update)
    defer { try? store.close() }
    guard let result = try store.prune(RetentionPolicy(fineDays: minutes, hourDays: hours, totalDays: days)) else {
      Output.standard.line("the history is empty")
      return
    }
    Output.standard.line(
      "minutes kept from \(HistoryWindow.text(result.fineFrom)), hours from \(HistoryWindow.text(result.hoursFrom))"
        + (result.daysFrom.map { ", days from \(HistoryWindow.text($0))" } ?? ", days for ever"))
    let removed = result.minuteRows + result.hourRows + result.dayRows + result.intervals + result.otherRows
    Output.standard.line(
      "\(Quantity.count(removed)) rows rolled up: \(Quantity.count(result.minuteRows)) minutes, "
        + "\(Quantity.count(result.hourRows)) hours, \(Quantity.count(result.dayRows)) days, "
        + "\(Quantity.count(result.intervals)) snapshot intervals, \(Quantity.count(result.otherRows)) others")
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

  @Argument(help: ArgumentHelp("Histories to take in; they stay as they are.", valueName: "file"))
  var files: [String]

  func run() async throws {
    // All are looked at before anything is changed.
    for file in files { try HistoryStore(path: file, mode: .read).close() }
    let store = try HistoryStore(path: history.path, mode: .write)
    defer { try? store.close() }
    for file in files {
      let before = try store.contents()
      try store.merge(from: file)
      let after = try store.contents()
      Output.standard.line(
        "\(file): \(Quantity.count(after.sources - before.sources)) sources, "
          + "\(Quantity.count(after.statements - before.statements)) statements and "
          + "\(Quantity.count(after.snapshots - before.snapshots)) snapshots were new")
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

  func run() async throws {
    let store = try HistoryStore(path: history.path, mode: .update)
    defer { try? store.close() }
    let (before, after) = try store.vacuum()
    Output.standard.line("\(history.path): \(Quantity.bytes(before)) before, \(Quantity.bytes(after)) after")
  }
}

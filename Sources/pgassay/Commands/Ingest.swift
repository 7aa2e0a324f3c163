import ArgumentParser
import Foundation
import History
import Ingest
import Model
import Report
import ServerLog

/// `pgassay ingest`: options, and one call.
struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Take server logs, snapshots, exports of pg_stat_statements and plans into a history.",
    discussion: """
      Formats, compression, log_line_prefix and what carried a log (syslog, the journal, containers, clouds) are told by \
      the content. Every entry counts once: a file that was read \
      before, has grown, was renamed or compressed goes on where the last run stopped, and a .log beside its .csv or \
      .json is recognised as the same. Where log_line_prefix changes in mid-file, the new one is found out and said. \
      Memory does not grow with the files.

      pg_stat_statements may come as CSV (psql's --csv or \\copy … csv header, pgAdmin, consoles) or JSON (an array, an \
      object a line, columns with rows), with any columns among which are queryid, calls and total_exec_time. Two or \
      more exports of a server make a history: what counts is what happened in between. A column captured_at says when \
      rows were read; else --captured-at, a time in the file's name, or its time of change does.

      --follow stays and keeps up with logs that are being written: it reads on through every rotation (renamed, emptied \
      in place, new file names in a directory, compressed meanwhile) and commits what it reads every second. Name the \
      directory where the server begins new files. Of a log in syslog's or a container's lines only what is new is \
      unwrapped; what is compressed, or in two wrappers, is read from its beginning when it has grown. Ctrl-C or \
      SIGTERM end it; nothing is lost by killing it either.

      Samples of statements are kept with their values (--parameters keep); they never leave this machine. With hash \
      or drop no literal, parameter, plan condition or error detail is stored, only the normalized text; passwords are \
      never stored.

      Where the server logs only a part of the executions (log_min_duration_sample, log_transaction_sample_rate), say \
      which: nothing in the log does. Each logged execution then stands for several, and the figures are estimates.

      Minutes are kept for 14 days before the newest entry, hours for 92, days for ever (`pgassay history prune --help`).

      Examples:
        pgassay ingest --history shop.history /var/log/postgresql/
        pgassay ingest 'logs/*.csv.gz' --parameters hash
        pgassay ingest --history shop.history shop.ndjson.gz
        zcat old.log.gz | pgassay ingest -
        psql --csv -c 'SELECT now() AS captured_at, * FROM pg_stat_statements' | pgassay ingest --server shop -
        pgassay ingest server.log --prefix '%m [%p] %q%u@%d '
        pgassay ingest --follow /var/log/postgresql/
        pgassay ingest sampled.log --sample-rate 0.1 --always-over 1s
      """)

  enum Values: String, ExpressibleByArgument, CaseIterable {
    case keep, hash, drop

    var reading: ReadingOptions.Parameters {
      switch self {
      case .keep: .keep
      case .hash: .hash
      case .drop: .drop
      }
    }
  }

  @Argument(help: ArgumentHelp("Files, directories, patterns; - is standard input.", valueName: "path"))
  var paths: [String]

  @OptionGroup var history: HistoryOptions

  @Flag(name: .shortAndLong, help: "Keep up with logs while they are written, until interrupted.")
  var follow = false

  @Option(
    help: ArgumentHelp(
      "The server's log_line_prefix, for stderr logs; it is found out when left away.", valueName: "prefix"))
  var prefix: String?

  @Option(help: "What becomes of the values in samples: keep, hash (equal values stay equal) or drop.")
  var parameters: Values = .keep

  @Option(
    help: ArgumentHelp(
      "log_statement_sample_rate of the server: each logged execution then stands for 1/rate (estimate).",
      valueName: "rate"))
  var sampleRate: Double?

  @Option(
    help: ArgumentHelp(
      "log_transaction_sample_rate of the server: each logged execution then stands for 1/rate (estimate).",
      valueName: "rate"))
  var transactionSampleRate: Double?

  @Option(
    help: ArgumentHelp(
      "log_min_duration_statement of a server that samples: what takes at least as long is logged in any case and "
        + "counts once, such as 500ms or 1s.", valueName: "time"))
  var alwaysOver: ShortTime?

  @Option(
    help: ArgumentHelp(
      "What a zone abbreviation means where the log does not prove it, such as CST=+08:00; may be repeated.",
      valueName: "name=offset"))
  var zone: [String] = []

  @Option(
    help: ArgumentHelp("The name of the server that exports of pg_stat_statements are of.", valueName: "name"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      "When the rows of an export were read, such as '2026-03-02 14:05+01', where no column says.", valueName: "time"))
  var capturedAt: String?

  @OptionGroup var output: FormatOption<TableFormats>

  func validate() throws {
    if let server, server.isEmpty { throw ValidationError("--server is a name, not an empty text") }
    if let capturedAt, Timestamp(capturedAt) == nil {
      throw ValidationError(
        "--captured-at \(capturedAt): write it like 2026-03-02 14:05:33+01 (without an offset: UTC)")
    }
    if follow, paths.contains("-") {
      throw ValidationError("--follow reads files; standard input is read to its end without it")
    }
    for (name, rate) in [("--sample-rate", sampleRate), ("--transaction-sample-rate", transactionSampleRate)] {
      if let rate, !(rate > 0 && rate <= 1) { throw ValidationError("\(name) is a number over 0 and up to 1") }
    }
    if alwaysOver != nil, sampleRate == nil, transactionSampleRate == nil {
      throw ValidationError(
        "--always-over goes with --sample-rate or --transaction-sample-rate; without them every logged execution counts "
          + "once")
    }
    for text in zone where Self.zone(text) == nil { throw ValidationError("--zone \(text): write it like CST=+08:00") }
  }

  func run() async throws {
    var options = IngestRun.Options()
    options.prefix = prefix
    options.reading.parameters = parameters.reading
    options.reading.sampling.statementRate = sampleRate
    options.reading.sampling.transactionRate = transactionSampleRate
    options.reading.sampling.alwaysOver = alwaysOver?.value
    options.reading.zones = Dictionary(zone.compactMap(Self.zone), uniquingKeysWith: { $1 })
    options.server = server
    options.capturedAt = capturedAt.flatMap { Timestamp($0) }
    let plan = follow ? nil : try IngestRun(options).plan(paths)
    if history.isDefault {
      try? FileManager.default.createDirectory(
        atPath: (history.path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    }
    let isNew = !FileManager.default.fileExists(atPath: history.path)
    let store = try HistoryStore(path: history.path, mode: .write)
    if isNew, parameters == .keep, plan?.holdsSamples ?? true {
      Diagnostics.note(
        "samples are kept with their values in \(history.path), readable by you only; --parameters hash or drop leaves "
          + "the values out")
    }
    if isNew, plan?.holdsSnapshots ?? false {
      Diagnostics.note(
        "values inside planner statistics are kept in \(history.path) where the snapshots have them, readable by you "
          + "only; `pgassay capture --values drop` takes snapshots without")
    }
    guard let plan else {
      let service = FollowService(paths: paths, options: options)
      let table = IngestTable(try await service.run(into: store))
      try store.close()
      return table.print(output.format)
    }
    let bar = ProgressBar("reading", total: plan.bytes > 0 ? Double(plan.bytes) : nil, unit: .bytes)
    options.progress = { bar.advance(by: Double($0)) }
    let report: IngestReport
    do {
      defer { bar.finish() }
      report = try IngestRun(options).run(plan, into: store)
    }
    HistoryUpkeep.rollUp(store)
    try store.close()
    let table = IngestTable(report)
    table.print(output.format)
    for warning in table.warnings { Diagnostics.warning(warning) }
    for note in table.waiting { Diagnostics.note(note) }
    let failures = report.failures
    if !failures.isEmpty {
      throw failures.count == 1 ? IngestFailure(failures[0]) : IngestFailure(failures.joined(separator: "\npgassay: "))
    }
  }

  /// `CST=+08:00` as a name and seconds east of UTC.
  static func zone(_ text: String) -> (String, Int64)? {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let sign = parts[1].first, sign == "+" || sign == "-" else { return nil }
    let numbers = parts[1].dropFirst().split(separator: ":").map { Int64($0) }
    guard let hours = numbers.first, let hours, numbers.count <= 2, hours <= 15 else { return nil }
    var seconds = hours * 3_600
    if numbers.count == 2 {
      guard let minutes = numbers[1], minutes < 60 else { return nil }
      seconds += minutes * 60
    }
    return (String(parts[0]), sign == "-" ? -seconds : seconds)
  }
}

/// Sources that could not be taken in, after the others were.
struct IngestFailure: UserError {
  let sentence: String

  init(_ sentence: String) { self.sentence = sentence }
}

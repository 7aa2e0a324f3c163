import Bytes
import Foundation
public import History
import Model
import SQLText
import ServerLog

/// Keeps a history up with logs while they are written, through every way of rotating them.
///
/// Every pass looks at the files that the paths lead to, reads what is new in each and commits it with how far it takes
/// the file. Nothing is remembered outside of the history that a later run would need: killed at any moment and started
/// again, the follower goes on where the last commit stands.
///
/// - A file that was renamed or removed stays open, and is read to its end.
/// - A file that was emptied in place (copytruncate) is a new log; the rest of the old one is looked for in the copies
///   beside it.
/// - A new file in a directory, or one that a pattern begins to match, is taken up; a log that is now compressed is the
///   same log.
/// - Of files that hold the same entries in several formats the one that says most is read.
public final class LogFollower {
  private let paths: [String]
  private var options: IngestRun.Options
  private var isCompleted = false
  private let history: HistoryStore
  private let note: (String) -> Void
  private let warn: (String) -> Void
  private let fingerprinter = Fingerprinter()
  private var logs: [FileLook.Number: FollowedLog] = [:]
  private var rows: [String: IngestReport.Source] = [:]
  private var order: [String] = []
  private var siblings: Set<String> = []
  private var isFirstPass = true

  /// How long a file without a name is held open after its last change, and how long a fault must last to be said.
  private static let patience = Duration.seconds(60)
  /// Nanoseconds without a write after which an entry at the end of a log is taken as whole at the first look at it.
  private static let settlingTime: Int64 = 300_000_000
  /// Nanoseconds without a write after which nothing is held back for what may follow.
  private static let finalAge: Int64 = 10_000_000_000
  /// Bytes of a log that prove its format.
  private static let provingBytes = 64 << 10

  /// - Parameters:
  ///   - note, warn: told what a person at the terminal should know.
  public init(
    _ paths: [String], _ options: IngestRun.Options, into history: HistoryStore, note: @escaping (String) -> Void,
    warn: @escaping (String) -> Void
  ) {
    self.paths = paths
    self.options = options
    self.history = history
    self.note = note
    self.warn = warn
  }

  /// What was read since the start, log by log.
  public var report: IngestReport { IngestReport(sources: order.compactMap { rows[$0] }) }

  /// Looks at every file once and takes in what is new.
  /// - Returns: whether anything was.
  /// - Throws: `IngestError` when the first pass finds nothing to follow, `HistoryError` when the history cannot be
  ///   written; what was committed stays, and the next pass goes on from there.
  @discardableResult
  public func pass(now: ContinuousClock.Instant = .now) throws -> Bool {
    if !isCompleted {
      options = try options.completed(by: history)
      isCompleted = true
    }
    let found = try find()
    var isNew = false
    var named: Set<FileLook.Number> = []
    for path in found {
      guard let look = FileLook(path: path) else { continue }
      if let known = logs[look.number] {
        if known.path != path, known.seen != nil { note("\(known.path) is now \(path)") }
        known.path = path
        known.isGone = false
        named.insert(look.number)
      } else if let log = FollowedLog(path: path, now: now) {
        logs[log.number] = log
        named.insert(log.number)
        isNew = true
      }
    }
    for log in logs.values where !named.contains(log.number) && !log.isGone {
      log.isGone = true
      log.changedAt = now
    }
    passOver(found)
    var isChanged = false
    // What was written last comes last: sessions go on from an older log into a newer one.
    var isWaiting = false
    for log in logs.values.sorted(by: { (written($0), $0.path) < (written($1), $1.path) }) {
      if siblings.contains(log.path), log.seen == nil { continue }
      if log.seen == nil, isWaiting, log.postponed < 3 {
        log.postponed += 1
        continue
      }
      if try take(log, endsNow: log.isGone || isNew, now: now) { isChanged = true }
      log.closeIfOld()
      if log.heldBytes > 0 { isWaiting = true }
      if options.isStopped() { return isChanged }
    }
    if isFirstPass {
      guard logs.values.contains(where: { $0.standing != .other }) else {
        throw IngestError.nothingIn(directory: paths.joined(separator: ", "), files: logs.count)
      }
      isFirstPass = false
    }
    close(now)
    return isChanged
  }

  private func find() throws -> [String] {
    let finder = SourceFinder()
    if isFirstPass { return try finder.find(paths).map(\.path) }
    // A file that is just being rotated has no name for a moment.
    return paths.flatMap { path in ((try? finder.find([path])) ?? []).map(\.path) }
  }

  private func written(_ log: FollowedLog) -> Int64 { log.look?.modified ?? 0 }

  // MARK: One log

  private func take(_ log: FollowedLog, endsNow: Bool, now: ContinuousClock.Instant) throws -> Bool {
    guard let look = log.look else { return false }
    let isWritten = look != log.seen
    if isWritten { log.changedAt = now }
    // Unchanged since the last pass: its last entry is whole.
    guard isWritten || log.heldBytes > 0, log.reopen() else { return false }
    if isWritten, try wasEmptied(log, look) { try recover(log) }
    guard look.size > 0, try recognise(log, now) else {
      if log.standing == .other || look.size == 0 { log.seen = look }
      return false
    }
    guard let known = log.content, case .log(let format) = known.kind else { return false }
    let location = log.location
    let isPlain = known.isPlain
    let isWhole = !isWritten || known.compression != .none || endsNow && look.age > Self.settlingTime
    let end: UnwrappingEnd = !isWhole ? .growing : look.age > Self.finalAge ? .final : .resting
    let content = SourceContent(known, path: log.path, location: location, end: end)
    let row = try attempt(log, now) {
      try LogIntake(history, options, fingerprinter).take(content, format) { bytes in
        isWhole && (!isPlain || FileLook(path: location)?.size == bytes) ? .rest : .open
      }
    }
    guard let row else {
      // It may have been emptied meanwhile.
      log.content = nil
      return false
    }
    if log.seen == nil, !isFirstPass { note("following \(log.path)") }
    if log.seen != nil, isWritten, !log.isRereadingSaid, let reason = content.rereading {
      log.isRereadingSaid = true
      note("\(log.path) has grown and is read from its beginning each time it does: \(reason)")
    }
    log.seen = look
    // What carries a log may hold the last entry back: it is looked at again until nothing more can follow.
    log.heldBytes = content.unwrapping.isEmpty || end == .final ? row.heldBytes : max(row.heldBytes, 1)
    log.identity = row.identity
    for change in row.prefixChanges { note("\(log.path), \(change)") }
    add(row)
    return row.bytes > 0
  }

  /// Whether the file was emptied, or written anew, since it was read.
  private func wasEmptied(_ log: FollowedLog, _ look: FileLook) throws -> Bool {
    let head = log.firstBytes(SourceIdentity.length)
    defer { log.head = head }
    guard log.seen != nil, log.standing == .log, !log.head.isEmpty else { return false }
    if head.starts(with: log.head), look.size >= log.seen?.size ?? 0 { return false }
    log.content = nil
    log.standing = .unknown
    log.heldBytes = 0
    return true
  }

  /// After a log was emptied in place: what was written to it between the last reading and that is in a copy.
  private func recover(_ log: FollowedLog) throws {
    guard !log.identity.isEmpty, let known = try history.progress(ofSource: log.identity) else { return }
    note("\(log.path) was emptied; reading its rest from the copy beside it, if there is one")
    // With its slash. Not by NSString, whose `deletingLastPathComponent` crashes on a name of one letter.
    let directory = log.path.lastIndex(of: "/").map { String(log.path[...$0]) } ?? ""
    let name = (log.path as NSString).lastPathComponent
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory)) ?? [])
      .filter { $0 != name && $0.hasPrefix(name) }.sorted()
    for copy in names.map({ directory + $0 }) {
      guard let content = try? SourceContent(path: copy, prefix: options.prefix),
        case .log(let format) = content.kind, SourceIdentity.find(content.head, among: [known]).known != nil
      else { continue }
      let row = try attempt(log, .now) {
        try LogIntake(history, options, fingerprinter).take(content, format, end: content.end)
      }
      if let row { add(row) }
      return
    }
  }

  /// Finds out what a file holds; a short log is looked at again when it has grown, because a longer one tells more.
  private func recognise(_ log: FollowedLog, _ now: ContinuousClock.Instant) throws -> Bool {
    if let content = log.content, log.standing == .log,
      content.head.count >= Self.provingBytes || log.look?.size == Int64(content.head.count)
    {
      return true
    }
    do throws(IngestError) {
      let content = try SourceContent(path: log.path, location: log.location, prefix: options.prefix)
      guard case .log = content.kind else {
        if isFirstPass { note("\(log.path) is not a log: it is not followed") }
        log.standing = .other
        return false
      }
      log.content = content
      log.standing = .log
      return true
    } catch {
      switch error {
      case .empty: return false
      case .unknownContent: log.standing = .other
      default: fault(log, error.sentence, now)
      }
      return false
    }
  }

  /// A log's fault is its own: it is said when it lasts, and tried again when the log has changed.
  private func attempt(
    _ log: FollowedLog, _ now: ContinuousClock.Instant, _ body: () throws -> IngestReport.Source
  ) throws -> IngestReport.Source? {
    do {
      let row = try body()
      log.lastFault = ""
      return row
    } catch HistoryError.overtaken {
      // Another process took it further: the next pass goes on from there.
      return nil
    } catch let error as HistoryError {
      throw error
    } catch {
      fault(log, (error as? any UserError)?.sentence ?? "\(log.path): \(error)", now)
      return nil
    }
  }

  private func fault(_ log: FollowedLog, _ sentence: String, _ now: ContinuousClock.Instant) {
    // A file that is being compressed at this moment is no fault yet.
    let isLasting = now - log.changedAt >= .seconds(10) || (log.look?.age ?? 0) >= 10_000_000_000
    guard isLasting, sentence != log.lastFault else { return }
    log.lastFault = sentence
    warn(sentence + "; trying again when it changes")
  }

  // MARK: Many logs

  /// Of `x.log`, `x.csv` and `x.json` in one directory, which PostgreSQL writes with the same entries, the best is
  /// followed: reading two of them while both are written could count an entry that one has and the other has not yet.
  private func passOver(_ found: [String]) {
    let looks = Dictionary(found.map { ($0, FileLook(path: $0)) }, uniquingKeysWith: { a, _ in a })
    for path in found {
      guard !siblings.contains(path), let rank = Self.ranks[(path as NSString).pathExtension], rank > 0,
        let look = looks[path] ?? nil
      else { continue }
      let stem = (path as NSString).deletingPathExtension
      for (other, better) in Self.ranks where better < rank {
        guard let sibling = looks["\(stem).\(other)"] ?? nil, look.modified - sibling.modified < Self.siblingAge else {
          continue
        }
        siblings.insert(path)
        if isFirstPass { note("\(path) is not followed: \(stem).\(other) holds the same entries and says more") }
        break
      }
    }
  }

  private static let ranks = ["json": 0, "csv": 1, "log": 2]
  /// A sibling that was written to this much earlier is of another time (nanoseconds).
  private static let siblingAge: Int64 = 60_000_000_000

  /// Lets go of files that nothing more will come from.
  private func close(_ now: ContinuousClock.Instant) {
    for log in logs.values where log.isGone && log.heldBytes == 0 && now - log.changedAt > Self.patience {
      logs[log.number] = nil
    }
  }

  private func add(_ row: IngestReport.Source) {
    guard var sum = rows[row.identity] else {
      rows[row.identity] = row
      order.append(row.identity)
      return
    }
    guard row.outcome == .read else { return }
    if sum.outcome == .alreadyRead {
      rows[row.identity] = row
      return
    }
    sum.add(row)
    rows[row.identity] = sum
  }
}

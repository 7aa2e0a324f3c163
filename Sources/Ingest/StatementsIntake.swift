import Bytes
import Foundation
import History
import Model
import SQLText
import Statements

/// Takes an export of pg_stat_statements (CSV or JSON) into a history.
///
/// An export does not say which server it is of, seldom when it was made, and never whether it is the whole view: what
/// is not told is taken from the command's options, the file's name or its time of change, and said.
struct StatementsIntake {
  /// One export, read.
  struct Document {
    var export: StatementsExport
    /// How its time is known; nil where a column tells.
    var timeNote: String?
    var bytes: Int64

    var first: Timestamp { export.snapshots.first?.at ?? Timestamp(seconds: 0) }
  }

  /// The node that exports belong to where nobody names their server.
  static let unnamed = "export"

  private let options: IngestRun.Options

  init(_ options: IngestRun.Options) { self.options = options }

  private var server: ServerIdentity { ServerIdentity(systemIdentifier: "", node: options.server ?? Self.unnamed) }

  func read(_ content: SourceContent) throws(IngestError) -> Document {
    var bytes: [UInt8] = []
    do {
      let source = try content.open()
      while true {
        let piece = try SourceContent.take(1 << 20, from: source)
        if piece.isEmpty { break }
        bytes += piece
        options.progress(piece.count)
      }
    } catch {
      throw IngestError.unreadable(error, content.path)
    }
    let (fallback, note) = fallbackTime(content)
    do {
      let export = try StatementsExport(bytes, server: server, at: fallback ?? Timestamp(seconds: 0))
      let isTold = export.isTimed
      guard isTold || fallback != nil else {
        throw IngestError.source(
          path: content.path,
          detail: "\(content.path): nothing tells when these rows were read; say it with --captured-at")
      }
      return Document(export: export, timeNote: isTold ? nil : note, bytes: Int64(bytes.count))
    } catch let error as IngestError {
      throw error
    } catch let error as StatementsExport.Problem {
      throw IngestError.source(path: content.path, detail: "\(content.path): \(error.sentence)")
    } catch {
      throw IngestError.source(path: content.path, detail: "\(content.path): \(error)")
    }
  }

  func take(
    _ document: Document, _ content: SourceContent, into history: HistoryStore, _ fingerprinter: Fingerprinter
  ) throws -> IngestReport.Source {
    var row = IngestReport.Source(path: content.path, format: "pg_stat_statements", outcome: .alreadyRead)
    row.bytes = document.bytes
    row.entries = document.export.rows
    row.skipped = document.export.skipped
    row.first = document.export.snapshots.first?.at
    row.last = document.export.snapshots.last?.at
    for snapshot in document.export.snapshots {
      var texts: [StatementKey: StatementText] = [:]
      for row in snapshot.rows { if let query = row.query { texts[row.key] = fingerprinter.describe(query) } }
      let outcome = try history.apply(snapshot, texts: texts)
      if case .stored = outcome { row.outcome = .read }
      if snapshot.hiddenRows > 0 {
        row.warnings.append(
          "\(snapshot.hiddenRows) rows have no query id: the role that exported them may not see other roles' statements"
        )
      }
      let untold = snapshot.rows.count - texts.count
      if untold > 0 { row.warnings.append("\(untold) rows have no text: include the column query") }
    }
    guard row.outcome == .read else { return row }
    if let note = document.timeNote { row.warnings.append(note) }
    if options.server == nil {
      row.warnings.append(
        "an export does not say of which server it is; it was taken as the server \"\(Self.unnamed)\" (--server names it)"
      )
    }
    return row
  }

  /// When the rows of a file were read, where no column says: the option, the name, the time of change.
  private func fallbackTime(_ content: SourceContent) -> (Timestamp?, String?) {
    if let time = options.capturedAt { return (time, nil) }
    let name = content.path.split(separator: "/").last.map(String.init) ?? content.path
    if let time = FileNameTime.find(in: name) {
      return (time, "the time \(time) is taken from the file's name, as UTC (--captured-at says otherwise)")
    }
    guard content.size != nil else { return (nil, nil) }
    return (
      content.modified,
      "no column and no name tells when the rows were read: the file's time of change, \(content.modified), is taken "
        + "(--captured-at says otherwise)"
    )
  }
}

/// An instant in a file's name: `pgss-2026-03-02_14-05.csv`, `20260302T140533Z.json`. A date alone is none.
enum FileNameTime {
  static func find(in name: String) -> Timestamp? {
    let bytes = Array(name.utf8)
    for start in bytes.indices where isDigit(bytes, start) && (start == 0 || !isDigit(bytes, start - 1)) {
      if let time = read(bytes, from: start) { return time }
    }
    return nil
  }

  private static func isDigit(_ bytes: [UInt8], _ place: Int) -> Bool {
    bytes.indices.contains(place) && bytes[place] >= 0x30 && bytes[place] <= 0x39
  }

  private static func read(_ bytes: [UInt8], from start: Int) -> Timestamp? {
    var place = start
    func number(_ width: Int) -> Int? {
      guard (place..<place + width).allSatisfy({ isDigit(bytes, $0) }) else { return nil }
      defer { place += width }
      return bytes[place..<place + width].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    func skip(_ signs: String) { if bytes.indices.contains(place), signs.utf8.contains(bytes[place]) { place += 1 } }
    guard let year = number(4), (2_000...2_199).contains(year) else { return nil }
    skip("-_.")
    guard let month = number(2) else { return nil }
    skip("-_.")
    guard let day = number(2) else { return nil }
    skip("-_.T ")
    guard let hour = number(2), hour < 24 else { return nil }
    skip("-_.:h")
    guard let minute = number(2), minute < 60 else { return nil }
    skip("-_.:m")
    let second = number(2).flatMap { $0 < 60 ? $0 : nil } ?? 0
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return Timestamp("\(year)-\(two(month))-\(two(day)) \(two(hour)):\(two(minute)):\(two(second))")
  }
}

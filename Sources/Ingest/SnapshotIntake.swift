import Bytes
import Catalog
import History
import Model
import Recorder
import SQLText

/// Takes a snapshot file of `pgassay capture`, or of the script that it prints, into a history.
struct SnapshotIntake {
  private let history: HistoryStore
  private let fingerprinter: Fingerprinter
  private let progress: @Sendable (Int) -> Void

  init(_ history: HistoryStore, _ fingerprinter: Fingerprinter, progress: @escaping @Sendable (Int) -> Void) {
    self.history = history
    self.fingerprinter = fingerprinter
    self.progress = progress
  }

  /// When a snapshot was taken, by its first line; nil where that cannot be read.
  static func time(_ content: SourceContent) -> Timestamp? {
    guard let end = content.head.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = content.head[..<end].drop { $0 != UInt8(ascii: "{") }
    guard let tree = try? line.withUnsafeBytes({ try JSONTree(parsing: $0) }) else { return nil }
    return tree["captured_at"]?.string.flatMap { Timestamp($0) }
  }

  func take(_ content: SourceContent) throws -> IngestReport.Source {
    var row = IngestReport.Source(path: content.path, format: "snapshot", outcome: .read)
    let outcome: SnapshotRecorder.Outcome
    do {
      var recorder = SnapshotRecorder()
      let source = try content.open()
      while true {
        let piece = try SourceContent.take(1 << 20, from: source)
        if piece.isEmpty { break }
        try recorder.add(piece)
        row.bytes += Int64(piece.count)
        progress(piece.count)
      }
      outcome = try recorder.finish(into: history, fingerprinter)
    } catch let error as SnapshotError {
      throw IngestError.source(path: content.path, detail: "\(content.path): \(error.sentence)")
    } catch let error as ByteSourceError {
      throw IngestError.unreadable(error, content.path)
    }
    let snapshot = outcome.snapshot
    row.outcome = outcome.isKnown ? .alreadyRead : .read
    row.entries = Int64(outcome.statements)
    row.first = snapshot.header.at
    row.last = snapshot.header.at
    for (section, count) in snapshot.unknown {
      row.skipped["row of section \(section), which this version does not know"] = Int64(count)
    }
    // What a snapshot read before lacks was told then.
    if !outcome.isKnown { row.warnings = snapshot.unseen.map { "not seen: \($0.what) (\($0.remedy))" } }
    return row
  }
}

internal import Bytes
internal import Foundation

/// Reads a snapshot, piece by piece as its bytes come: a file, an unpacked stream, or a live capture's lines.
///
///     var reader = SnapshotReader()
///     while let piece = source.next() { try reader.add(piece) }
///     let snapshot = try reader.finish()
///
/// Nothing is believed before `finish`: a file that was cut off has no end marker.
public struct SnapshotReader: Sendable {
  /// Which sections' rows to keep; the others are checked and counted only.
  public enum Keeping: Sendable {
    case everything
    case only(Set<String>)
  }

  private let keeping: Keeping
  private let needsEnd: Bool
  private var rest: [UInt8] = []
  private var line = 0
  private var header: SnapshotHeader?
  private var headerRow: SnapshotRow?
  private var sections: [String: [SnapshotRow]] = [:]
  private var counts: [String: Int] = [:]
  private var end: [(name: String, rows: Int64)]?
  private var tally = UnseenTally()
  private var hasEncoding = true
  /// Memory that one line may take: a table of a hundred thousand enum labels is no line of ours.
  private static let lineLimit = 256 << 20

  /// - Parameter needsEnd: false for lines of which some were taken out, so that their end marker no longer counts them.
  public init(keeping: Keeping = .everything, needsEnd: Bool = true) {
    self.keeping = keeping
    self.needsEnd = needsEnd
  }

  /// Whether bytes are the beginning of a snapshot.
  public static func isLikely(_ head: some Collection<UInt8>) -> Bool {
    let start = head.drop { $0 == 0xEF || $0 == 0xBB || $0 == 0xBF || $0 <= 0x20 }
    return start.starts(with: "{\"pgassay_snapshot\"".utf8)
  }

  public mutating func add(_ piece: some Collection<UInt8>) throws(SnapshotError) {
    let piece = Array(piece)
    var start = 0
    while let end = Self.newline(in: piece, from: start) {
      if rest.isEmpty {
        try read(piece[start..<end])
      } else {
        rest += piece[start..<end]
        let whole = rest
        rest.removeAll(keepingCapacity: true)
        try read(whole[...])
      }
      start = end + 1
    }
    rest += piece[start...]
    guard rest.count <= Self.lineLimit else {
      throw .malformed(line: line + 1, what: "it is longer than \(Self.lineLimit >> 20) MB")
    }
  }

  private static func newline(in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { buffer in
      guard start < buffer.count, let base = buffer.baseAddress,
        let found = memchr(base + start, 0x0A, buffer.count - start)
      else { return nil }
      return base.distance(to: UnsafeRawPointer(found))
    }
  }

  /// The snapshot, when the last piece was added.
  public mutating func finish() throws(SnapshotError) -> Snapshot {
    if !rest.isEmpty {
      let last = rest
      rest = []
      do {
        try read(last[...])
      } catch {
        // A last line without its newline that makes no sense is a file that was cut off.
        if header != nil { throw .truncated(lines: line) }
        throw error
      }
    }
    guard let header, let headerRow else { throw .notASnapshot(what: "it is empty") }
    if needsEnd {
      guard let end else { throw .truncated(lines: line) }
      for (name, rows) in end where rows >= 0 && rows != Int64(counts[name] ?? 0) {
        throw .wrongCount(section: name, expected: rows, found: Int64(counts[name] ?? 0))
      }
    }
    let known = Set(Sections.all(keepsValues: true).map(\.name))
    let failed = Set(end?.filter { $0.rows < 0 }.map(\.name) ?? [])
    let taken = Set(end?.map(\.name) ?? []).union(counts.keys)
    return Snapshot(
      header: header, headerRow: headerRow, sections: sections,
      counts: counts.merging(end?.map { ($0.name, max(0, Int($0.rows))) } ?? []) { counted, _ in counted },
      unseen: tally.unseen(header: header, taken: taken, failed: failed.sorted()),
      failed: failed,
      unknown: counts.filter { !known.contains($0.key) })
  }

  private mutating func read(_ bytes: ArraySlice<UInt8>) throws(SnapshotError) {
    line += 1
    var bytes = bytes
    if bytes.last == 0x0D { bytes.removeLast() }
    if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    if bytes.isEmpty { return }
    if end != nil { throw .malformed(line: line, what: "there is text after the end marker") }
    let tree: JSONTree
    do {
      tree = try bytes.withUnsafeBytes { try JSONTree(parsing: $0, depthLimit: 64) }
    } catch {
      if header == nil { throw .notASnapshot(what: "its first line is no JSON object") }
      // psql without -q says what it did.
      if Self.isCommandTag(bytes) { return }
      throw .malformed(line: line, what: "\(error)")
    }
    if header != nil { try checkText(bytes) }
    guard let members = tree.members else {
      if header == nil { throw .notASnapshot(what: "its first line is no JSON object") }
      throw .malformed(line: line, what: "it is no JSON object")
    }
    if header == nil {
      let row = SnapshotRow(fields: members, line: line)
      header = try SnapshotHeader(row)
      headerRow = row
      // A server that knows no encoding stores and sends bytes as they came.
      hasEncoding = row["encoding"]?.string != "SQL_ASCII"
      try checkText(bytes)
    } else if let marker = tree["pgassay_snapshot_end"] {
      guard let members = marker.members else { throw .malformed(line: line, what: "the end marker has no counts") }
      end = members.map { ($0.key, $0.value.integer ?? -1) }
    } else if let section = tree["section"]?.string {
      let row = SnapshotRow(fields: members.filter { $0.key != "section" }, line: line)
      counts[section, default: 0] += 1
      tally.count(row, of: section)
      switch keeping {
      case .everything: sections[section, default: []].append(row)
      case .only(let names): if names.contains(section) { sections[section, default: []].append(row) }
      }
    } else {
      throw .malformed(line: line, what: "it names no section")
    }
  }

  /// No text of PostgreSQL holds a zero character, and none has bytes that are no UTF-8, which is what a capture asks for.
  private func checkText(_ bytes: ArraySlice<UInt8>) throws(SnapshotError) {
    let fault: SnapshotFault? = bytes.withUnsafeBytes { SnapshotFault.first(in: $0, mustBeUTF8: hasEncoding) }
    if let fault { throw .malformed(line: line, what: "its byte \(fault.position + 1) \(fault.what)") }
  }

  private static func isCommandTag(_ bytes: ArraySlice<UInt8>) -> Bool {
    ["BEGIN", "SET", "COMMIT"].contains { bytes.elementsEqual($0.utf8) }
  }
}

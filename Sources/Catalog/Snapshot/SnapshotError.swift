public import Model

/// Why a snapshot cannot be read.
public enum SnapshotError: UserError, Equatable {
  /// The first line is not that of a snapshot.
  case notASnapshot(what: String)
  /// Written in a format that this version does not know.
  case newerFormat(version: Int64, supported: Int)
  /// A line does not hold what it should. Lines count from 1.
  case malformed(line: Int, what: String)
  /// The file ends before its end marker.
  case truncated(lines: Int)
  /// A section has another number of rows than the end marker says.
  case wrongCount(section: String, expected: Int64, found: Int64)

  public var sentence: String {
    switch self {
    case .notASnapshot(let what):
      "this is no pgassay snapshot: \(what)"
    case .newerFormat(let version, let supported):
      "the snapshot has format \(version) and this pgassay reads formats up to \(supported); use a newer pgassay"
    case .malformed(let line, let what):
      "the snapshot is damaged in line \(line): \(what); capture it again, or undo what was edited"
    case .truncated(let lines):
      "the snapshot ends after line \(lines) without its end marker: it was cut off, or psql stopped on an error;"
        + " capture it again"
    case .wrongCount(let section, let expected, let found):
      "the snapshot is damaged: section \(section) has \(found) rows where its end marker counts \(expected);"
        + " capture it again"
    }
  }
}

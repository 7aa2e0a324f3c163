/// A server as it was captured: rows by section, and what could not be seen.
public struct Snapshot: Hashable, Sendable {
  public var header: SnapshotHeader
  /// The first line as it stands in the file.
  public var headerRow: SnapshotRow
  private var sections: [String: [SnapshotRow]]
  /// Rows by section, of every section that was taken, kept or not.
  public var counts: [String: Int]
  /// What is missing because the role may not see it, somebody held a lock, or time ran out.
  public var unseen: [Unseen]
  /// Sections that could not be taken; they count no rows.
  public var failed: Set<String>
  /// Rows of sections that this version does not know, by section.
  public var unknown: [String: Int]

  init(
    header: SnapshotHeader, headerRow: SnapshotRow, sections: [String: [SnapshotRow]], counts: [String: Int],
    unseen: [Unseen], failed: Set<String>, unknown: [String: Int]
  ) {
    self.header = header
    self.headerRow = headerRow
    self.sections = sections
    self.counts = counts
    self.unseen = unseen
    self.failed = failed
    self.unknown = unknown
  }

  /// The rows of a section in the order of the file; empty where the snapshot has no such section.
  public subscript(section: String) -> [SnapshotRow] { sections[section] ?? [] }

  /// The names of the sections that rows are kept of, sorted.
  public var sectionNames: [String] { sections.keys.sorted() }
}

/// Something that a capture could not see.
public struct Unseen: Hashable, Sendable {
  /// What is missing, with its number where it can be counted.
  public var what: String
  /// What would show it.
  public var remedy: String

  public init(what: String, remedy: String) {
    self.what = what
    self.remedy = remedy
  }
}

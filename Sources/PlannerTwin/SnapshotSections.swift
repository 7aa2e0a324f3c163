import Bytes
public import Catalog

/// The rows of a snapshot by their section.
public struct SnapshotSections: Sendable {
  public let header: SnapshotRow
  private var sections: [String: [SnapshotRow]] = [:]

  /// Reads a snapshot's lines: one JSON object each, the header first.
  ///
  /// - Throws: `SnapshotError`.
  public init(lines: UnsafeRawBufferPointer) throws(SnapshotError) {
    var header: SnapshotRow?
    var number = 0
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      number += 1
      let tree: JSONTree
      do throws(JSONError) {
        tree = try JSONTree(parsing: UnsafeRawBufferPointer(rebasing: line))
      } catch {
        throw .malformed(line: number, what: "\(error)")
      }
      guard let members = tree.members else { throw .malformed(line: number, what: "it is no object") }
      if header == nil {
        guard tree["pgassay_snapshot"] != nil else {
          throw .notASnapshot(what: "the first line does not say so")
        }
        header = SnapshotRow(fields: members, line: number)
      } else if let section = tree["section"]?.string {
        sections[section, default: []].append(
          SnapshotRow(fields: members.filter { $0.key != "section" }, line: number))
      }
    }
    guard let header else { throw .notASnapshot(what: "it is empty") }
    self.header = header
  }

  /// Empty where the snapshot has no such section.
  public subscript(name: String) -> [SnapshotRow] { sections[name] ?? [] }
}

import Catalog

/// What the planner reads from the first page of a GIN index (`ginGetStats`): how its pages and entries are divided.
///
/// Source of the layout: `GinMetaPageData`, ginblock.h, behind a page header of 24 bytes.
struct GINPages: Sendable {
  private var pending: UInt32
  private var total: UInt32
  private var entryPages: UInt32
  private var dataPages: UInt32
  private var entries: Int64

  init(_ row: SnapshotRow) throws(SnapshotError) {
    func count(_ key: String) throws(SnapshotError) -> UInt32 {
      guard let value = UInt32(exactly: try row.integer(key)) else {
        throw SnapshotError.malformed(line: row.line, what: "\"\(key)\" is no number of pages")
      }
      return value
    }
    pending = try count("pending_pages")
    total = try count("total_pages")
    entryPages = try count("entry_pages")
    dataPages = try count("data_pages")
    entries = max(0, try row.integer("entries"))
  }

  func write(to page: inout [UInt8]) {
    let start = 24
    for (offset, value) in [(12, pending), (24, total), (28, entryPages), (32, dataPages)] {
      page.store(value, at: start + offset)
    }
    page.store(entries, at: start + 40)
  }
}

extension [UInt8] {
  fileprivate mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: type(of: value)) }
  }
}

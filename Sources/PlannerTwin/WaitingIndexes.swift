import IndexSize

/// Indexes of a twin whose files are made when the server first asks for them.
///
/// The first pages of an index, with its height and its ends, take 24 kB and more of disk. Of a database of thousands of
/// tables, a statement reads a few, and the server says which: it refuses to open a file that is not there.
struct WaitingIndexes: Sendable {
  struct Index: Sendable {
    var file: TwinDatabase.IndexFile
    /// Of the file as production has it; nil for an index that production does not have.
    var pages: Int64?
    /// Of a B-tree, where the snapshot tells.
    var height: Int?
    /// Real ends of the first column.
    var extremes: (minimum: String, maximum: String)?
    var ginCounts: IndexMetapages.GINCounts?
    var tableRows: Double
    var tablePages: Int64
    /// What the server wrote when it built the index on no rows.
    var content: [[UInt8]] = []
  }

  /// By the table's object id.
  private var byTable: [String: [Index]] = [:]
  private var tables: [String: String] = [:]
  /// First pages are alike in all but a few indexes: kept once.
  private var contents: Set<[[UInt8]]> = []

  mutating func add(_ index: Index) {
    var index = index
    for place in index.content.indices {
      // The page's place in the log (`pd_lsn`) is all that tells those of one kind apart.
      index.content[place].replaceSubrange(0..<8, with: [UInt8](repeating: 0, count: 8))
    }
    index.content = contents.insert(index.content).memberAfterInsert
    tables[index.file.path] = index.file.table
    byTable[index.file.table, default: []].append(index)
  }

  /// The indexes of the table one of whose files a message of the server names.
  mutating func take(missedIn message: String) -> WaitingIndexes? {
    for word in message.split(whereSeparator: { !Self.isOfPath($0) }) {
      guard let table = tables[String(word)], let found = byTable.removeValue(forKey: table) else { continue }
      for index in found { tables[index.file.path] = nil }
      var taken = WaitingIndexes()
      for index in found { taken.add(index) }
      return taken
    }
    return nil
  }

  mutating func takeAll() -> WaitingIndexes {
    let all = self
    self = WaitingIndexes()
    return all
  }

  mutating func putBack(_ others: WaitingIndexes) {
    for index in others.all { add(index) }
  }

  /// Messages put the path in quotation marks of their language.
  private static func isOfPath(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "/" || character == "_")
  }

  private var all: [Index] { byTable.values.flatMap { $0 }.sorted { $0.file.path < $1.file.path } }

  func moved(to database: String) -> WaitingIndexes {
    var moved = WaitingIndexes()
    for var index in all {
      index.file.path = TwinFiles.path(index.file.path, database: database)
      moved.add(index)
    }
    return moved
  }

  /// Makes the files, with the pages that the planner reads.
  func make(in database: TwinDatabase) async throws {
    let indexes = all
    guard !indexes.isEmpty else { return }
    let reader = IndexShapeReader(connection: database.administration)
    let ends = try await IndexEnds(connection: database.administration).tuples(
      indexes.compactMap { index in index.extremes.map { .init(index: index.file.oid, values: $0) } })
    for index in indexes {
      let file = index.file
      try database.makeFile(file, index.content)
      guard let pages = index.pages else { continue }
      var height = index.height ?? 0
      // A file that is read beside the server's cache may be older than the last checkpoint: a tree that is only a root
      // has one page beside the metapage.
      if file.method == "btree", height == 0, pages > 2 {
        height = try await likelyHeight(file, pages: pages, reader)
      }
      var estimate = IndexSizeEstimate(pages: pages, height: height, entries: 0, isRough: false)
      var metapage: [UInt8]?
      if file.method == "gin", let counts = index.ginCounts {
        metapage = IndexMetapages.gin(counts)
      } else if IndexMetapages.has(file.method) {
        let reading = try await reader.read(
          index: file.oid, tableRows: max(1, index.tableRows), tablePages: max(1, index.tablePages), coveredShare: 1,
          deduplicates: false)
        estimate.gin = IndexSize.estimate(method: reading.method, reading.shape).gin?.scaled(toPages: pages)
        metapage = database.metapage(of: file, estimate, reading.shape)
      }
      try database.setFile(file, estimate, metapage: metapage, ends: ends[file.oid])
    }
  }

  /// The height of a B-tree of which only the length is known.
  private func likelyHeight(
    _ file: TwinDatabase.IndexFile, pages: Int64, _ reader: IndexShapeReader
  ) async throws -> Int {
    // One leaf; or few enough that one root page holds all downlinks, unless keys are very long.
    if pages <= 2 { return 0 }
    if pages <= 100 { return 1 }
    let reading = try await reader.read(
      index: file.oid, tableRows: Double(pages) * 100, tablePages: pages, coveredShare: 1, deduplicates: true)
    return BTreeSize.height(pages: pages, of: reading.shape)
  }
}

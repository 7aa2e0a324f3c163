import Foundation
import GRDB
public import Model

extension HistoryStore {
  /// The counted lines of the sessions that began at about the time of one, by session; a session is `start << 32 | pid`.
  public func countedLines(near session: UInt64, format: String) throws(HistoryError) -> [UInt64: [LineRange]] {
    try read { db in try LineTable(db).block(format, LineBlock.bucket(of: session))?.sessions ?? [:] }
  }

  /// Numbers that sessions share exactly when `countedLines` answers for them together.
  public static func lineBlock(of session: UInt64) -> Int64 { LineBlock.bucket(of: session) }

  /// The blocks that hold anything.
  public func lineBlocks(format: String) throws(HistoryError) -> Set<Int64> {
    try read { db in
      Set(try Int64.fetchAll(db, sql: "SELECT bucket FROM log_lines WHERE format = ?", arguments: [format]))
    }
  }
}

/// The table of counted lines: of all sessions, as far back as a bounded number of bytes reaches.
struct LineTable {
  private let db: Database
  /// Bytes kept: some 700,000 sessions of a server that opens one for each request, all there ever were of most others.
  /// Beyond it those are forgotten whose newest lines are the oldest.
  private static let limit: Int64 = 8 << 20

  init(_ db: Database) { self.db = db }

  func block(_ format: String, _ bucket: Int64) throws -> LineBlock? {
    let find = try db.cachedStatement(sql: "SELECT content FROM log_lines WHERE format = ? AND bucket = ?")
    return try Data.fetchOne(find, arguments: [format, bucket]).map { data in
      try [UInt8](data).withUnsafeBytes { try LineBlock(bucket: bucket, decoding: $0) }
    }
  }

  /// Adds lines.
  /// - Returns: false, and nothing is added, where one of them is there already and must not be.
  func add(_ lines: [SessionLines], mayRepeat: Bool = false) throws -> Bool {
    guard !lines.isEmpty else { return true }
    var blocks: [String: [Int64: LineBlock]] = [:]
    for item in lines {
      let bucket = LineBlock.bucket(of: item.session)
      var block =
        try blocks[item.format]?[bucket] ?? self.block(item.format, bucket) ?? LineBlock(bucket: bucket)
      if !mayRepeat, block.overlaps(item.session, item.ranges) { return false }
      blocks[item.format]?[bucket] = nil
      block.add(item.session, item.ranges)
      blocks[item.format, default: [:]][bucket] = block
    }
    for (format, buckets) in blocks { for block in buckets.values { try store(block, format) } }
    try forget()
    return true
  }

  private func store(_ block: LineBlock, _ format: String) throws {
    let content = Data(block.encoded)
    try db.cachedStatement(
      sql: """
        INSERT INTO log_lines (format, bucket, last_ms, bytes, content) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET last_ms = ?3, bytes = ?4, content = ?5
        """
    ).execute(arguments: [format, block.bucket, block.last, content.count, content])
  }

  private func forget() throws {
    let total = try db.cachedStatement(sql: "SELECT coalesce(sum(bytes), 0) FROM log_lines")
    guard try Int64.fetchOne(total) ?? 0 > LineTable.limit else { return }
    try db.execute(
      sql: """
        DELETE FROM log_lines WHERE (format, bucket) IN (
          SELECT format, bucket FROM (
            SELECT format, bucket, sum(bytes) OVER (ORDER BY last_ms DESC, bucket DESC, format) AS kept FROM log_lines)
          WHERE kept > ?)
        """, arguments: [LineTable.limit])
  }

  /// Takes over what another history's table holds.
  func merge(from schema: String) throws {
    for row in try Row.fetchAll(db, sql: "SELECT format, bucket, content FROM \(schema).log_lines") {
      let (format, bucket): (String, Int64) = (row[0], row[1])
      let theirs = try [UInt8](row[2] as Data).withUnsafeBytes { try LineBlock(bucket: bucket, decoding: $0) }
      var block = try self.block(format, bucket) ?? LineBlock(bucket: bucket)
      for (session, ranges) in theirs.sessions { block.add(session, ranges) }
      try store(block, format)
    }
    try forget()
  }
}

import Foundation
import GRDB

/// What lies at a path, found out before anything is changed there.
struct HistoryFile {
  enum Content {
    case absent
    /// A file of no bytes, as `mktemp` makes it.
    case empty
    /// A history with this `user_version`.
    case history(version: Int)
  }

  let path: String

  /// - Throws: `HistoryError` for everything that is neither a history nor a place to make one.
  func inspect() throws(HistoryError) -> Content {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return .absent }
      throw .permission(path: path, detail: String(cString: strerror(errno)))
    }
    if status.st_mode & S_IFMT == S_IFDIR { throw .isDirectory(path: path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notSQLite(path: path) }
    let header: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      header = try handle.read(upToCount: 100) ?? Data()
    } catch {
      throw .permission(path: path, detail: String(cString: strerror(errno)))
    }
    if header.isEmpty { return .empty }
    // "The SQLite database header", sqlite.org/fileformat2.html section 1.3: the magic string, then big-endian numbers.
    guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw .notSQLite(path: path)
    }
    func number(at offset: Int) -> Int { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard number(at: 68) == Int(Schema.applicationID) else { throw .otherApplication(path: path) }
    let version = number(at: 60)
    guard version <= Schema.version else {
      throw .newerVersion(path: path, found: version, known: Schema.version)
    }
    return .history(version: version)
  }

  private func flush(_ temporary: String) throws(HistoryError) {
    let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { _ = Foundation.close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      if errno == ENOSPC { throw .diskFull(path: path) }
      throw .permission(path: path, detail: String(cString: strerror(errno)))
    }
  }

  /// Makes an empty history. It is made whole under another name and then given its own, so that no other process and
  /// no crash ever sees half of one; a file that appears there meanwhile wins.
  func create() throws(HistoryError) {
    sweep()
    let temporary = path + ".new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let descriptor = open(temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == ENOSPC { throw .diskFull(path: path) }
      throw .permission(path: path, detail: String(cString: strerror(errno)))
    }
    _ = Foundation.close(descriptor)
    defer {
      unlink(temporary)
      unlink(temporary + "-journal")
    }
    try HistoryError.translating(path) {
      // Nobody knows the file yet: it goes to the disk once, when it is whole.
      var configuration = Configuration()
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY") }
      let queue = try DatabaseQueue(path: temporary, configuration: configuration)
      try Schema.migrator.migrate(queue)
      try queue.close()
    }
    try flush(temporary)
    var status = stat()
    if stat(path, &status) == 0, status.st_size == 0 {
      // The empty file keeps its name only if nobody has filled it in between: both renames are atomic.
      guard rename(temporary, path) == 0 else {
        throw .permission(path: path, detail: String(cString: strerror(errno)))
      }
    } else if link(temporary, path) != 0, errno != EEXIST {
      throw .permission(path: path, detail: String(cString: strerror(errno)))
    }
  }

  /// Takes away what processes left behind that were killed while they made a history here.
  private func sweep() {
    // Not by NSString, whose `deletingLastPathComponent` crashes on a name of one letter (Foundation of Swift 6.3).
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
    let prefix = String(path.split(separator: "/").last ?? "") + ".new-"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(prefix) {
      guard let maker = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), maker > 0, kill(maker, 0) != 0,
        errno == ESRCH
      else { continue }
      unlink(folder + name)
    }
  }
}

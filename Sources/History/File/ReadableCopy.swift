import Foundation

/// Which file lies at a path.
struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64

  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// A history that can only be read: on a read-only file system, in a directory or with a mode that forbids writing.
///
/// SQLite reads a file in WAL mode through shared memory beside it, which it must be able to make or to find
/// ("Read-Only Databases", sqlite.org/wal.html). Where it cannot, nobody else on this machine writes through it either:
/// the file is then read as one that does not change (`immutable`), and with a write-ahead log beside it, which that
/// would leave out, a private copy of both is.
final class ReadableCopy: Sendable {
  private let directory: String

  private init(_ directory: String) { self.directory = directory }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// What to open instead of a path, and the copy that must live as long.
  static func place(of path: String, isReader: Bool) throws(HistoryError) -> (place: String, copy: ReadableCopy?) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
    let shared = path + "-shm"
    let isShared = access(shared, F_OK) == 0 ? access(shared, R_OK) == 0 : access(folder, W_OK) == 0
    guard isReader, access(path, W_OK) != 0 || !isShared else { return (path, nil) }
    var log = stat()
    let hasLog = stat(path + "-wal", &log) == 0
    // A writer of the file's owner may be at work, who has made both.
    if hasLog, access(path + "-wal", R_OK) == 0, access(shared, R_OK) == 0 { return (path, nil) }
    if !hasLog || log.st_size == 0 { return (uri(path) + "?immutable=1", nil) }
    do {
      var template = Array((NSTemporaryDirectory() + "pgassay-history-XXXXXX").utf8CString)
      // Readable by its owner only, as the history is.
      guard mkdtemp(&template) != nil else {
        throw HistoryError.permission(path: path, detail: String(cString: strerror(errno)))
      }
      let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let copy = ReadableCopy(directory)
      for suffix in ["", "-wal"] {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: directory + "/history" + suffix)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory + "/history" + suffix)
      }
      return (directory + "/history", copy)
    } catch let error as HistoryError {
      throw error
    } catch {
      throw .permission(
        path: path, detail: "it cannot be written to, and copying it and its write-ahead log failed: \(error)")
    }
  }

  /// "Uniform Resource Identifiers", sqlite.org/uri.html.
  private static func uri(_ path: String) -> String {
    var text = "file:"
    for byte in path.utf8 {
      let isPlain = byte > 0x20 && byte < 0x7F && !"%?#".utf8.contains(byte)
      text += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }
}

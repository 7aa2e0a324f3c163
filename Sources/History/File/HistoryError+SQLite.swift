import GRDB
import Model
import Sketch

extension HistoryError {
  /// Runs a body and gives SQLite's errors our names.
  static func translating<T>(_ path: String, _ body: () throws -> T) throws(HistoryError) -> T {
    do {
      return try body()
    } catch let error as HistoryError {
      throw error
    } catch let error as DatabaseError {
      throw HistoryError(error, path: path)
    } catch let error as ByteReader.Damage {
      throw .damaged(path: path, detail: "a packed column ends or breaks at byte \(error.offset)")
    } catch is Deflate.Damage {
      throw .damaged(path: path, detail: "a compressed document cannot be unpacked")
    } catch let error as LatencySketch.DecodingError {
      throw .damaged(path: path, detail: error.sentence)
    } catch let error as any UserError {
      throw .failed(path: path, detail: error.sentence)
    } catch {
      throw .failed(path: path, detail: "\(error)")
    }
  }

  // Result codes: sqlite.org/rescode.html.
  init(_ error: DatabaseError, path: String) {
    let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    self =
      switch error.resultCode {
      case .SQLITE_FULL: .diskFull(path: path)
      case .SQLITE_BUSY, .SQLITE_LOCKED: .locked(path: path)
      case .SQLITE_CORRUPT: .damaged(path: path, detail: detail)
      case .SQLITE_NOTADB: .notSQLite(path: path)
      case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
        .permission(path: path, detail: detail)
      // A file system without room for the shared-memory file or its journal reports an I/O error, not "full".
      case .SQLITE_IOERR where [4874, 778, 2826].contains(error.extendedResultCode.rawValue):
        .diskFull(path: path)
      default: .failed(path: path, detail: detail)
      }
  }
}

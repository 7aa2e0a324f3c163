/// The files that the relations of a twin's database are to have. Paths are relative to the data directory.
struct TwinFiles: Sendable {
  /// Files of tables, and of indexes of which the planner reads the length alone.
  var lengths: [(path: String, pages: Int64)] = []
  var indexes = WaitingIndexes()

  /// Those of a copy of the database, which has the same numbers in a directory of its own.
  func moved(to database: String) -> TwinFiles {
    TwinFiles(
      lengths: lengths.map { (Self.path($0.path, database: database), $0.pages) },
      indexes: indexes.moved(to: database))
  }

  /// The same directory and another number: `base/DATABASE/NUMBER` or `pg_tblspc/TABLESPACE/VERSION/DATABASE/NUMBER`.
  static func path(_ path: String, number: String) -> String {
    (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + number
  }

  static func path(_ path: String, database: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count >= 2 { parts[parts.count - 2] = database }
    return parts.joined(separator: "/")
  }

  /// Makes every table's file as long as production's.
  func setLengths(in directory: String) throws(TwinError) {
    for (path, pages) in lengths {
      do throws(RelationFile.Failure) {
        try RelationFile(directory: directory, path: path).extend(toPages: pages)
      } catch {
        throw .file(path: error.path, reason: error.reason)
      }
    }
  }
}

import Foundation

/// Bytes that a twin's directory takes on disk: blocks, not lengths.
struct DiskUse {
  var total: Int64 = 0
  /// System catalogs: files of the database and of the cluster with the numbers of the server's own relations, and of what
  /// describes the schema in them.
  var catalog: Int64 = 0

  init(of directory: String) throws {
    guard let paths = FileManager.default.enumerator(atPath: directory) else { return }
    for case let path as String in paths {
      var info = stat()
      guard lstat(directory + "/" + path, &info) == 0 else { continue }
      let bytes = Int64(info.st_blocks) * 512
      total += bytes
      let name = (path as NSString).lastPathComponent.prefix { $0.isNumber }
      // Relations below FirstNormalObjectId are the server's (transam.h); rewritten catalogs have higher numbers, but a
      // twin rewrites none.
      if path.contains("/global/") || (path.contains("/base/") && Int(name).map { $0 < 16_384 } ?? true) {
        catalog += bytes
      }
    }
  }
}

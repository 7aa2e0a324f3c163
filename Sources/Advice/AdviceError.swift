public import Model

/// Why there can be no advice.
public enum AdviceError: UserError, Equatable {
  /// The history holds no catalog, so nobody knows the tables.
  case noCatalog(path: String, database: String?)
  /// The history's catalog cannot be read.
  case damagedCatalog(path: String, reason: String)
  /// Nothing plannable was recorded in the window.
  case noWorkload(path: String, database: String)

  public var sentence: String {
    switch self {
    case .noCatalog(let path, let database):
      "\(path) holds no catalog\(database.map { " of the database \($0)" } ?? ""), which advice needs: take one with "
        + "'pgassay capture --output FILE' (or --script) and ingest it"
    case .damagedCatalog(let path, let reason): "\(path): \(reason)"
    case .noWorkload(let path, let database):
      "\(path) holds no statement of the database \(database) in this window that could be planned: ingest logs or "
        + "snapshots of it, or choose another window"
    }
  }
}

public import Model

/// Why there is no twin.
public enum TwinError: UserError, Equatable {
  /// The snapshot cannot be made a twin of, and why.
  case snapshot(String)
  /// A file of the twin could not be given its size.
  case file(path: String, reason: String)
  /// An index of the twin is not laid out as this program knows it.
  case unknownIndexFormat(String)
  /// Production has no role of this name.
  case unknownRole(String, known: [String])
  /// No relation or index of this name.
  case noSuchRelation(String)
  /// A migration with ROLLBACK.
  case rollback

  public var sentence: String {
    switch self {
    case .snapshot(let reason): "the catalog snapshot cannot be made a planner twin of: \(reason)"
    case .file(let path, let reason): "the planner twin's file \(path) cannot be given its size: \(reason)"
    case .unknownIndexFormat(let name): "the B-tree \(name) of the planner twin has a metapage of an unknown format"
    case .unknownRole(let name, let known):
      "production has no role \(name); it has \(known.prefix(20).joined(separator: ", "))\(known.count > 20 ? ", …" : "")"
    case .noSuchRelation(let name): "the planner twin has no \(name)"
    case .rollback:
      "the change holds ROLLBACK, and what a planner twin was given it keeps; leave ROLLBACK and what it takes back away"
    }
  }
}

/// Where in a file of the user's a finding points to.
public struct SourceLocation: Hashable, Sendable, Codable {
  public var path: String
  /// Counted from 1.
  public var line: Int

  public init(path: String, line: Int) {
    self.path = path
    self.line = line
  }
}

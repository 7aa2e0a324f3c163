/// A server's `server_version_num`: 150020 is 15.20. Releases before 10 are not spoken to.
public struct ServerVersion: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  public let number: Int

  public init(number: Int) { self.number = number }

  public var major: Int { number / 10_000 }
  public var minor: Int { number % 10_000 }
  public var description: String { "\(major).\(minor)" }
  public static func < (a: ServerVersion, b: ServerVersion) -> Bool { a.number < b.number }
}

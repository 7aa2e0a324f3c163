/// The identity of a statement's shape: libpg_query's 64-bit fingerprint of its parse tree, or, where the
/// statement does not parse, a hash of its masked text (see `StatementText.grammar`).
///
/// It is the same for every value of the literals, on every server and release, and for every length of an IN list;
/// PostgreSQL's own `queryid` (`QueryID`) is not, and joins logs and snapshots of one server version only.
public struct Fingerprint: Hashable, Sendable, Comparable, CustomStringConvertible, Codable {
  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }

  /// Reads the sixteen hexadecimal digits that `description` prints, or an unambiguous shorter number of them.
  /// Returns nil for anything else.
  public init?(hex: some StringProtocol) {
    guard !hex.isEmpty, hex.utf8.count <= 16, let value = UInt64(hex, radix: 16) else { return nil }
    self.value = value
  }

  /// Sixteen lower-case hexadecimal digits.
  public var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  public static func < (a: Fingerprint, b: Fingerprint) -> Bool { a.value < b.value }
}

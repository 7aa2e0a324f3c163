import Bytes
import Model

/// What a log is recognised by when it is met again: its beginning, whatever its name and its compression.
///
/// The identity names how many bytes it is of, because a log may have been shorter than the usual number when it was
/// first met: `log:4096:0f3a…`.
struct SourceIdentity: Equatable {
  static let length = 4_096

  let text: String

  /// The identity of content that begins with `head`.
  init(head: [UInt8]) { self.init(head: head, length: min(head.count, SourceIdentity.length)) }

  private init(head: [UInt8], length: Int) {
    text = "log:\(length):" + SourceIdentity.digest(Array(head.prefix(length)))
  }

  /// Among sources met before, the one that began like `head`; else a new identity.
  static func find(_ head: [UInt8], among sources: [SourceProgress]) -> (
    identity: SourceIdentity, known: SourceProgress?
  ) {
    var byLength: [Int: String] = [:]
    for source in sources {
      let parts = source.identity.split(separator: ":")
      guard parts.count == 3, parts[0] == "log", let length = Int(parts[1]), length <= head.count else { continue }
      let own = byLength[length] ?? SourceIdentity(head: head, length: length).text
      byLength[length] = own
      if own == source.identity { return (SourceIdentity(text: own), source) }
    }
    return (SourceIdentity(head: head), nil)
  }

  private init(text: String) { self.text = text }

  /// Sixteen bytes that stand for all of `bytes`, in hexadecimal.
  static func digest(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { bytes in
      digits(ByteHash.hash(bytes, seed: 0)) + digits(ByteHash.hash(bytes, seed: 0x5047_4153_5341_5921))
    }
  }

  private static func digits(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

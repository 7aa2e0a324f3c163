import FuzzTargets
import Testing

/// Logs whose prefix changes, damaged at random places: they are read alike in one block and in small ones, and in no
/// more entries than there are lines.
@Suite struct PrefixChangeMutationTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }
  }

  private static let prefixes = [
    "%m [%p] %q%u@%d/%a ", "%m [%p] ", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ", "%m [%p] %q%u@%d ",
  ]

  private static func lead(_ prefix: Int, _ n: Int, isClient: Bool) -> String {
    let time = "2026-11-23 18:\(10 + n / 50 % 50):\(10 + n % 50)"
    let session = "[\(4_000 + n % 7)]"
    switch prefix {
    case 0: return "\(time).\(100 + n % 900) UTC \(session) " + (isClient ? "alice@shop/web " : "")
    case 1: return "\(time).\(100 + n % 900) UTC \(session) "
    case 2:
      return "\(time) UTC \(session): [\(n)-1] "
        + (isClient ? "user=alice,db=shop,app=web,client=[local] " : "user=,db=,app=,client= ")
    default: return "\(time).\(100 + n % 900) UTC \(session) " + (isClient ? "alice@shop " : "")
    }
  }

  private static func log(_ random: inout Generator) -> [String] {
    var lines: [String] = []
    var prefix = 0
    for n in 0..<Int.random(in: 20...400, using: &random) {
      let lead = Self.lead(prefix, n, isClient: n % 9 > 0)
      switch n % 13 {
      case 4: lines += [lead + "ERROR:  no such thing", lead + "STATEMENT:  SELECT \(n)", "\tFROM nowhere"]
      case 7: lines.append("rsync: [\(n)] ERROR:  connection reset")
      default: lines.append(lead + "LOG:  duration: \(n % 9).250 ms  statement: SELECT a FROM t WHERE id = \(n)")
      }
      guard Int.random(in: 0..<60, using: &random) == 0 else { continue }
      prefix = Int.random(in: 0..<prefixes.count, using: &random)
      // A restart does not say it.
      if Bool.random(using: &random) {
        lines.append(
          Self.lead(prefix, n, isClient: false)
            + "LOG:  parameter \"log_line_prefix\" changed to \"\(prefixes[prefix])\"")
      }
    }
    return lines
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func damagedLogsAreReadAlike(_ seed: UInt64) {
    var random = Generator(state: seed)
    for _ in 0..<20 {
      var lines = Self.log(&random)
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let at = Int.random(in: lines.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: lines.remove(at: at)
        case 1: lines.insert(lines[Int.random(in: lines.indices, using: &random)], at: at)
        case 2: lines[at] = String(lines[at].dropFirst(Int.random(in: 0...30, using: &random)))
        default: lines[at] = String(lines[at].prefix(Int.random(in: 0...60, using: &random)))
        }
        if lines.isEmpty { lines = ["x"] }
      }
      var bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      // The first byte chooses the prefix that the log is read with: its first, or one that never fits.
      FuzzTarget.stderr.run([Bool.random(using: &random) ? 0 : 3] + bytes)
      FuzzTarget.sniffing.run(bytes)
    }
  }
}

import Catalog
import Foundation
import Model
import Testing

@Suite struct SnapshotReaderTests {
  static let header = """
    {"pgassay_snapshot":1,"made_by":"pgassay capture","keeps_values":true,"captured_at":"2026-03-09T14:05:33.5+00:00",\
    "server_version_num":150018,"system_identifier":"7301","server_started_at":"2026-03-01T00:00:00+00:00",\
    "in_recovery":false,"database":"shop","database_oid":5,"role":"postgres","is_superuser":true,\
    "reads_statistic":true,"reads_all_stats":true,"reads_all_settings":true}
    """
  static let whole = """
    \(header)
    {"section":"schemas","oid":16400,"name":"shop"}
    {"section":"statements","queryid":-5,"dbid":"5","userid":"10","calls":3}
    {"section":"from_the_future","x":1}
    {"pgassay_snapshot_end" : { "statements" : 1, "schemas" : 1 }}

    """

  private func read(_ text: String, piece: Int = .max) throws -> Snapshot {
    var reader = SnapshotReader()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      try reader.add(rest.prefix(piece))
      rest = rest.dropFirst(piece)
    }
    return try reader.finish()
  }

  @Test(arguments: [1, 2, 7, 100, 100_000])
  func `pieces of any size give the same snapshot`(piece: Int) throws {
    let snapshot = try read(Self.whole, piece: piece)
    #expect(snapshot == (try read(Self.whole)))
    #expect(snapshot.header.database == "shop")
    #expect(snapshot.header.server == ServerIdentity(systemIdentifier: "7301", node: "primary"))
    #expect(snapshot.header.at == Timestamp("2026-03-09T14:05:33.5Z"))
    #expect(try snapshot["statements"][0].integer("dbid") == 5)
    #expect(snapshot.unknown == ["from_the_future": 1])
  }

  @Test func `psql's own lines, CRLF and a byte order mark do no harm`() throws {
    let text = "\u{FEFF}" + Self.whole.replacingOccurrences(of: "\n", with: "\r\n")
    #expect(try read(text) == read(Self.whole))
    let chatty = Self.whole.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(try read(([chatty[0], "SET", ""] + chatty.dropFirst()).joined(separator: "\n")).counts["schemas"] == 1)
  }

  @Test func `a file that was cut off anywhere is refused`() throws {
    let bytes = Array(Self.whole.utf8)
    for length in 0..<(bytes.count - 2) {
      var reader = SnapshotReader()
      #expect(throws: SnapshotError.self, "\(length) bytes") {
        try reader.add(bytes[..<length])
        _ = try reader.finish()
      }
    }
  }

  @Test(arguments: [
    ("\"pgassay_snapshot\":1", "\"pgassay_snapshot\":2", "format 2"),
    ("\"schemas\" : 1", "\"schemas\" : 2", "section schemas has 1 rows where its end marker counts 2"),
    ("\"oid\":16400", "\"oid\":", "line 2"),
    ("{\"section\":\"schemas\",", "{\"sektion\":\"schemas\",", "line 2"),
    ("\"database\":\"shop\",", "", "\"database\" is missing"),
    ("2026-03-01T00:00:00+00:00", "yesterday", "\"server_started_at\" is no time"),
    ("{\"pgassay_snapshot\":1", "{\"anything\":1", "no pgassay snapshot"),
  ])
  func `a damaged file is refused with the place`(old: String, new: String, message: String) throws {
    do {
      _ = try read(Self.whole.replacingOccurrences(of: old, with: new))
      Issue.record("it was read")
    } catch let error as SnapshotError {
      #expect(error.sentence.contains(message), "\(error.sentence)")
    }
  }

  @Test func `what is no snapshot is told so`() throws {
    for text in ["", "hello\n", "\u{0}\u{1}\u{2}\n", "[1,2]\n", "{}\n"] {
      #expect { try read(text) } throws: { error in
        if case SnapshotError.notASnapshot = error { true } else { false }
      }
    }
    #expect(SnapshotReader.isLikely(Self.whole.utf8) && !SnapshotReader.isLikely("{\"a\":1}".utf8))
  }

  @Test func `no mutation of a snapshot crashes the reader`() throws {
    var random = SystemRandomNumberGenerator.seeded(20_260_309)
    let bytes = Array(Self.whole.utf8)
    for _ in 0..<5_000 {
      var mutated = bytes
      for _ in 0...Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0..<mutated.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: mutated[place] = UInt8.random(in: 0...255, using: &random)
        case 1: mutated.remove(at: place)
        default: mutated.insert(contentsOf: mutated[..<(place / 2)], at: place)
        }
      }
      var reader = SnapshotReader()
      do {
        try reader.add(mutated)
        let snapshot = try reader.finish()
        #expect(snapshot.counts.values.allSatisfy { $0 >= 0 })
      } catch {
        #expect(!error.sentence.isEmpty)
      }
    }
  }
}

extension SystemRandomNumberGenerator {
  static func seeded(_ seed: UInt64) -> SplitMix { SplitMix(state: seed) }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

import Catalog
import Foundation
import Model
import PlannerTwin
import PrivateServer
import Testing

/// Single values that somebody edited.
extension HostileSnapshotTests {
  /// The programs of no server are named: to look for them is the first step of starting one.
  private static func start(_ lines: [[String: Any]]) async throws {
    let twin = try await PlannerTwin.start(
      from: try Snapshot(lines: try text(lines)), options: .init(binaryDirectory: "/nowhere"))
    await twin.stop()
  }

  /// Captured lines with one place of the first row of a section that has it changed; "slots.0.kind" goes into lists.
  private static func edited(
    _ lines: [[String: Any]], _ section: String?, _ path: String, _ value: Any
  ) throws -> (line: Int, lines: [[String: Any]]) {
    let keys = path.split(separator: ".").map(String.init)
    func put(_ place: Any, _ keys: ArraySlice<String>) -> Any? {
      guard let key = keys.first else { return value }
      if var members = place as? [String: Any] {
        guard let old = members[key], let new = put(old, keys.dropFirst()) else { return nil }
        members[key] = new
        return members
      }
      guard var elements = place as? [Any], let number = Int(key), elements.indices.contains(number),
        let new = put(elements[number], keys.dropFirst())
      else { return nil }
      elements[number] = new
      return elements
    }
    for index in lines.indices where lines[index]["section"] as? String == section {
      guard let row = put(lines[index], keys[...]) as? [String: Any] else { continue }
      var edited = lines
      edited[index] = row
      return (index + 1, edited)
    }
    throw NoSuchPlace(path: path)
  }

  private struct NoSuchPlace: Error { var path: String }

  @Test func `values that no PostgreSQL can hold are refused before a server is started, with their place`()
    async throws
  {
    let lines = try await Self.capture()
    let edits: [(String?, String, Any)] = [
      ("relations", "pages", 4_000_000_000), ("relations", "pages", -4_000_000_000), ("relations", "tuples", 1e300),
      ("relations", "tuples", "NaN"), ("relations", "tuples", -5), ("relations", "size_bytes", -8192),
      ("relations", "size_bytes", 1 << 50), ("relations", "kind", "zebra"), ("relations", "all_visible_pages", 1 << 40),
      ("relations", "oid", -1), ("relations", "toast_size_bytes", -1), ("relations", "pages", "many"),
      ("indexes", "tuples", "Infinity"), ("indexes", "size_bytes", -1), ("indexes", "keys.0.number", 99),
      ("columns", "number", 0), ("columns", "number", 5_000), ("columns", "generated", "zebra"),
      ("columns", "statistics_target", 1_000_000),
      ("column_statistics", "null_fraction", 7), ("column_statistics", "null_fraction", -0.1),
      ("column_statistics", "width_bytes", -1), ("column_statistics", "distinct_values", -2),
      ("column_statistics", "distinct_values", "NaN"), ("column_statistics", "slots.0.kind", "zebra"),
      ("column_statistics", "slots.0.kind", 0), ("column_statistics", "slots.0.kind", -5),
      ("column_statistics", "slots.0.numbers.0", 1e300), ("column_statistics", "slots.1.numbers.0", -2),
      ("extended_statistics", "kinds.0", "zebra"), ("extended_statistics", "data.0.distinct_counts", "{\"2, 3\": -5}"),
      ("extended_statistics", "data.0.dependencies", "{\"2 => 3\": 9.0}"),
      ("extended_statistics", "data.0.common_values.0.frequency", 2),
      ("tree_heights", "fast_height", 900), ("tree_heights", "height", -1), ("constraints", "kind", "zebra"),
      ("functions", "volatility", "zebra"), ("functions", "cost", 1e300), ("types", "kind", "zebra"),
      ("policies", "command", "zebra"), (nil, "server_version_num", 12), (nil, "server_version_num", 120_018),
      (nil, "encoding", "KLINGON"), (nil, "locale_provider", "zebra"),
      ("relations", "name", "a\0b"), ("columns", "name", "\0"), (nil, "database", "shop\0"),
    ]
    for (section, path, value) in edits {
      let (line, edited) = try Self.edited(lines, section, path, value)
      do {
        try await Self.start(edited)
        Issue.record("\(path) = \(value) was taken")
      } catch let error as SnapshotError {
        #expect(error.sentence.contains("in line \(line): "), "\(path): \(error.sentence)")
        #expect(error.sentence.contains("capture it again"))
        if "\(value)".contains("\0") {
          #expect(error.sentence.contains("is a zero character"), "\(error.sentence)")
        } else {
          let key = path.split(separator: ".").last { Int($0) == nil } ?? ""
          #expect(error.sentence.contains("\"\(key)\""), "\(path): \(error.sentence)")
        }
      }
    }
  }

  @Test func `values that a server can hold are taken, however odd`() async throws {
    let lines = try await Self.capture()
    let edits: [(String?, String, Any)] = [
      ("relations", "pages", -294_967_296), ("relations", "tuples", -1), ("relations", "tuples", 3e38),
      ("relations", "size_bytes", NSNull()), ("relations", "size_bytes", 4_294_967_294 * 8_192),
      ("relations", "oid", 4_294_967_295), ("columns", "statistics_target", -1),
      ("columns", "statistics_target", 10_000),
      ("column_statistics", "null_fraction", 1), ("column_statistics", "null_fraction", 0),
      ("column_statistics", "distinct_values", -1), ("column_statistics", "distinct_values", 3.4e38),
      ("column_statistics", "slots.0.kind", 103), ("column_statistics", "slots.0.numbers", NSNull()),
      ("column_statistics", "slots.0.numbers.0", 1.00001),
      ("tree_heights", "fast_height", 0), ("functions", "cost", 0), ("relations", "name", "a\\u0000b"),
      (nil, "server_version_num", 190_001), (nil, "encoding", "SQL_ASCII"),
    ]
    for (section, path, value) in edits {
      let (_, edited) = try Self.edited(lines, section, path, value)
      await #expect(throws: PrivateServerError.self, "\(path) = \(value)") { try await Self.start(edited) }
    }
  }

  @Test func `bytes that are no UTF-8 are refused, except where the server knows no encoding`() async throws {
    let lines = try await Self.capture()
    func bytes(_ lines: [[String: Any]]) throws -> [UInt8] {
      var bytes = try Self.text(try Self.edited(lines, "relations", "name", "bad byte").lines)
      let place = try #require(bytes.firstRange(of: Array("bad byte".utf8)))
      bytes[place.lowerBound + 3] = 0xFF
      return bytes
    }
    do {
      _ = try Snapshot(lines: try bytes(lines))
      Issue.record("it was read")
    } catch let error as SnapshotError {
      let line = try Self.edited(lines, "relations", "name", "").line
      #expect(error.sentence.contains("in line \(line): its byte "), "\(error.sentence)")
      #expect(error.sentence.contains("is not UTF-8"))
    }
    _ = try Snapshot(lines: try bytes(try Self.edited(lines, nil, "encoding", "SQL_ASCII").lines))
  }
}

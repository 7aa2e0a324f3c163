import Bytes
import Catalog
import Model
import Plans
import Sketch
import Statements

/// Files of any content.
enum FileFuzzing {
  /// What was read as a plan bears everything that is done with one.
  static func plan(_ bytes: [UInt8]) {
    guard let plans = try? PlanReader.plans(in: bytes) else { return }
    for plan in plans {
      _ = PlanRules.findings(in: plan)
      _ = PlanTree(AnalysedPlan(plan)).text(width: 80)
      _ = PlanDifference(plan, plans[0]).rows.count
      _ = plan.shape
    }
  }

  /// Reading over a document and reading it whole agree on whether it is one.
  static func json(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { text in
      var cursor = JSONCursor(text)
      var skips = true
      do {
        try cursor.skipValue()
        try cursor.expectEnd()
      } catch {
        skips = false
      }
      let isTree = (try? JSONTree(parsing: text)) != nil
      // Reading over a string does not look at its escapes, so it may take a document that is none.
      require(skips || !isTree, "a document was read that could not be read over")
    }
  }

  static func snapshot(_ bytes: [UInt8]) {
    func read(_ piece: Int) -> Bool {
      var reader = SnapshotReader()
      do {
        var start = 0
        while start < bytes.count {
          let end = min(bytes.count, start + piece)
          try reader.add(bytes[start..<end])
          start = end
        }
        _ = try reader.finish()
        return true
      } catch {
        return false
      }
    }
    require(read(bytes.count) == read(11), "a snapshot read in pieces is another")
  }

  static func statements(_ bytes: [UInt8]) {
    _ = StatementsExport.isLikely(bytes)
    let server = ServerIdentity(systemIdentifier: "1")
    guard let export = try? StatementsExport(bytes, server: server, at: Timestamp(microseconds: 0)) else { return }
    require(!export.snapshots.isEmpty, "an export without a snapshot is an error")
    for (before, after) in zip(export.snapshots, export.snapshots.dropFirst()) {
      _ = try? StatementsDifference(from: before, to: after)
    }
  }

  /// What was decoded is encoded as it was, up to the one form that equal histograms have.
  static func sketch(_ bytes: [UInt8]) {
    guard let sketch = try? LatencySketch(decoding: bytes) else { return }
    let encoded = sketch.encoded
    guard let again = try? LatencySketch(decoding: encoded) else { fatalError("an encoded sketch does not decode") }
    require(again == sketch && again.encoded == encoded, "a sketch has two forms")
    _ = sketch.quantile(0.95)
    _ = sketch.countAbove(Microseconds(100))
  }

  /// Damaged streams are refused, bombs give no more than is asked for.
  static func unpack(_ bytes: [UInt8]) {
    let compression = Compression(magic: bytes)
    guard let source = try? compression.opened(MemoryByteSource(bytes), path: "input") else { return }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 12, alignment: 16)
    defer { buffer.deallocate() }
    for _ in 0..<256 {
      guard let count = try? source.read(into: buffer), count > 0 else { return }
      require(count <= buffer.count, "more bytes than there was room for")
    }
  }
}

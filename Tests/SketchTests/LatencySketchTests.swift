import Model
import Sketch
import Testing

struct LatencyBucketTests {
  @Test func `buckets tile the whole range without gap or overlap`() {
    #expect(LatencyBucket.lowerBound(of: 0) == 0)
    for index in 1..<LatencyBucket.count {
      #expect(LatencyBucket.lowerBound(of: index) == LatencyBucket.upperBound(of: index - 1) + 1)
    }
    #expect(LatencyBucket.upperBound(of: LatencyBucket.count - 1) == Int64.max)
  }

  @Test func `the bucket of a value holds it, at both edges of every bucket`() {
    for index in 0..<LatencyBucket.count {
      #expect(LatencyBucket.index(of: LatencyBucket.lowerBound(of: index)) == index)
      #expect(LatencyBucket.index(of: LatencyBucket.middle(of: index)) == index)
      #expect(LatencyBucket.index(of: LatencyBucket.upperBound(of: index)) == index)
    }
    #expect(LatencyBucket.index(of: -5) == 0)
    #expect(LatencyBucket.index(of: Int64.min) == 0)
  }

  @Test func `the middle is within one thirty-second of every value of the bucket`() {
    for index in 32..<LatencyBucket.count {
      let middle = Double(LatencyBucket.middle(of: index))
      for edge in [LatencyBucket.lowerBound(of: index), LatencyBucket.upperBound(of: index)] {
        #expect(abs(middle - Double(edge)) / Double(edge) <= 1.0 / 32)
      }
    }
  }
}

struct LatencySketchTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
  func `quantiles stay within the stated error of the exact nearest rank`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let count = Int(random.next() % 3_000) + 1
    // Durations over nine decades, clustered as real ones are.
    let values = (0..<count).map { _ in
      Int64(random.next() >> (16 + random.next() % 44)) >> 4
    }
    var sketch = LatencySketch()
    for value in values { sketch.record(Microseconds(value)) }
    #expect(sketch.count == Int64(count))
    let sorted = values.sorted()
    for q in [0, 0.01, 0.07, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1] {
      let rank = LatencySketch.rank(q, of: Int64(count))
      let exact = sorted[Int(rank) - 1]
      let found = try #require(sketch.quantile(q)).value
      #expect(abs(Double(found - exact)) <= Double(exact) / 32)
      #expect(try #require(sketch.bounds(ofQuantile: q)).contains(exact))
    }
  }

  @Test func `ranks that only rounding keeps from being whole are whole`() {
    #expect(LatencySketch.rank(0.07, of: 100) == 7)
    #expect(LatencySketch.rank(0.95, of: 100) == 95)
    #expect(LatencySketch.rank(0.95, of: 101) == 96)
    #expect(LatencySketch.rank(0, of: 5) == 1)
    #expect(LatencySketch.rank(1, of: 5) == 5)
    #expect(LatencySketch.rank(.nan, of: 5) == 1)
  }

  @Test(arguments: [11, 12, 13, 14])
  func `merging in any order and grouping gives the same bytes`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let values = (0..<500).map { _ in Int64(random.next() >> (20 + random.next() % 40)) }
    var whole = LatencySketch()
    for value in values { whole.record(value) }
    for parts in [2, 3, 7, 100] {
      var pieces = Array(repeating: LatencySketch(), count: parts)
      for value in values.shuffled(using: &random) { pieces[Int(random.next() % UInt64(parts))].record(value) }
      var merged = LatencySketch()
      var mergedFromBytes = LatencySketch()
      for piece in pieces.shuffled(using: &random) {
        merged.merge(piece)
        try mergedFromBytes.merge(decoding: piece.encoded)
      }
      #expect(merged == whole)
      #expect(mergedFromBytes == whole)
      #expect(merged.encoded == whole.encoded)
    }
    #expect(try LatencySketch(decoding: whole.encoded) == whole)
    // Dense counters, as an importer keeps them, give the same bytes.
    var dense = Array(repeating: Int64(0), count: LatencyBucket.count)
    for value in values { dense[LatencyBucket.index(of: value)] += 1 }
    var bytes: [UInt8] = []
    LatencySketch.encode(dense, into: &bytes)
    #expect(bytes == whole.encoded)
    #expect(LatencySketch(counters: dense) == whole)
  }

  @Test func `large counts and the ends of the range survive the bytes`() throws {
    var sketch = LatencySketch()
    sketch.record(0, count: Int64.max / 2)
    sketch.record(Int64.max, count: 2)
    sketch.record(17, count: 1)
    sketch.record(17, count: 0)
    sketch.record(17, count: -3)
    #expect(try LatencySketch(decoding: sketch.encoded) == sketch)
    #expect(sketch.buckets.map(\.count) == [Int64.max / 2, 1, 2])
    #expect(LatencySketch().encoded.isEmpty)
    #expect(try LatencySketch(decoding: []).isEmpty)
    #expect(LatencySketch().quantile(0.5) == nil)
  }

  @Test func `executions above a target are counted within the target's bucket`() {
    var sketch = LatencySketch()
    for value in [10, 99_000, 100_000, 100_500, 150_000] as [Int64] { sketch.record(value) }
    // 98,304 … 102,399 µs is one bucket.
    #expect(sketch.countAbove(Microseconds(100_000)) == 1...4)
    #expect(sketch.countAbove(Microseconds(102_399)) == 1...1)
    #expect(sketch.countAbove(Microseconds(5)) == 5...5)
    #expect(sketch.countAbove(Microseconds(10_000_000)) == 0...0)
  }

  @Test func `damaged bytes give an error or a sketch, never a crash`() throws {
    #expect(throws: LatencySketch.DecodingError.self) { try LatencySketch(decoding: [0x80]) }
    #expect(throws: LatencySketch.DecodingError.self) { try LatencySketch(decoding: [0x81, 0x01]) }
    #expect(throws: LatencySketch.DecodingError.self) {
      try LatencySketch(decoding: Array(repeating: 0xFF, count: 12))
    }
    var random = SplitMix(state: 5)
    var whole = LatencySketch()
    for _ in 0..<200 { whole.record(Int64(random.next() >> 40), count: Int64(random.next() % 1_000)) }
    for _ in 0..<5_000 {
      var bytes = whole.encoded
      for _ in 0...(random.next() % 4) { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xFF) }
      if random.next() & 1 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      if let sketch = try? LatencySketch(decoding: bytes) {
        #expect(sketch.buckets.allSatisfy { $0.index < LatencyBucket.count && $0.count > 0 })
      }
    }
  }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers on every run.
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

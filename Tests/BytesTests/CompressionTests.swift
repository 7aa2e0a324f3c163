import Foundation
import Testing

@testable import Bytes

/// Content packed by the programs that users pack with, read back.
struct CompressionTests {
  private static let programs: [(Compression, [String])] = [
    (.gzip, ["gzip", "-c"]), (.bzip2, ["bzip2", "-c"]), (.xz, ["xz", "-c"]), (.zstd, ["zstd", "-q", "-c"]),
    (.lz4, ["lz4", "-q", "-c"]),
  ]

  private static let content: [UInt8] = (0..<400_000).map { UInt8(truncatingIfNeeded: ($0 &* 7) ^ ($0 >> 5)) }

  @Test(arguments: programs)
  func packedContentIsReadBack(_ compression: Compression, _ program: [String]) throws {
    guard let packed = try pack(Self.content, program) else { return }
    #expect(Compression(magic: packed) == compression)
    #expect(try unpack(packed, compression) == Self.content)
    // Two streams one after another are one content, as the programs themselves have it.
    #expect(try unpack(packed + packed, compression) == Self.content + Self.content)
  }

  @Test(arguments: programs)
  func emptyContentIsEmpty(_ compression: Compression, _ program: [String]) throws {
    guard let packed = try pack([], program) else { return }
    #expect(try unpack(packed, compression) == [])
  }

  @Test(arguments: programs)
  func aCutStreamIsTruncatedWhereverItIsCut(_ compression: Compression, _ program: [String]) throws {
    guard let packed = try pack(Array(Self.content.prefix(20_000)), program) else { return }
    for length in stride(from: 7, to: packed.count, by: 137) {
      #expect(throws: ByteSourceError.self) { try unpack(Array(packed.prefix(length)), compression) }
    }
  }

  @Test(arguments: programs)
  func damageNeverCrashes(_ compression: Compression, _ program: [String]) throws {
    guard let packed = try pack(Array(Self.content.prefix(20_000)), program) else { return }
    for position in stride(from: 4, to: packed.count, by: 61) {
      var bytes = packed
      bytes[position] ^= 0x5A
      _ = try? unpack(bytes, compression)
    }
  }

  @Test func plainContentIsNotPacked() {
    #expect(Compression(magic: Array("2026-11-23".utf8)) == .none)
    #expect(Compression(magic: []) == .none)
  }

  private func unpack(_ bytes: [UInt8], _ compression: Compression) throws -> [UInt8] {
    let source = try compression.opened(MemoryByteSource(bytes), path: "test")
    // An odd buffer, so that borders of buffers fall anywhere.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 10_007, alignment: 16)
    defer { buffer.deallocate() }
    var result: [UInt8] = []
    while true {
      let count = try source.read(into: buffer)
      if count == 0 { return result }
      result += buffer[..<count]
    }
  }

  /// Nil where the program is not installed.
  private func pack(_ bytes: [UInt8], _ command: [String]) throws -> [UInt8]? {
    let file = NSTemporaryDirectory() + "pgassay-pack-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(bytes).write(to: URL(filePath: file))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command + [file]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let packed = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? Array(packed) : nil
  }
}

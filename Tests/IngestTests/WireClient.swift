import Foundation
import Glibc

/// A client that speaks the frontend/backend protocol itself, for what libpq cannot be made to send: portals with
/// names, fetched in parts (PostgreSQL manual, "Message Flow" and "Message Formats").
final class WireClient {
  struct Failure: Error { var text: String }

  private let descriptor: Int32

  /// Connects to a server that trusts local users.
  init(socketDirectory: String, user: String, database: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array((socketDirectory + "/.s.PGSQL.5432").utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { throw Failure(text: "cannot connect: \(errno)") }
    let startup = int32(196_608) + zeroed("user") + zeroed(user) + zeroed("database") + zeroed(database) + [0]
    try send(int32(Int32(startup.count + 4)) + startup)
    try untilReady()
  }

  deinit { Glibc.close(descriptor) }

  func simple(_ sql: String) throws {
    try message("Q", zeroed(sql))
    try untilReady()
  }

  /// Parses and binds a statement without parameters, then executes its portal until it is exhausted, `rows` at a time.
  /// - Returns: how many executions it took.
  func execute(_ sql: String, statement: String = "", portal: String = "", rows: Int32) throws -> Int {
    try message("P", zeroed(statement) + zeroed(sql) + int16(0))
    try message("B", zeroed(portal) + zeroed(statement) + int16(0) + int16(0) + int16(0))
    var executions = 0
    var isSuspended = true
    while isSuspended {
      try message("E", zeroed(portal) + int32(rows))
      try message("H", [])
      executions += 1
      while true {
        let (type, _) = try receive()
        if type == "s" || type == "C" {
          isSuspended = type == "s"
          break
        }
      }
    }
    try message("S", [])
    try untilReady()
    return executions
  }

  private func untilReady() throws { while try receive().type != "Z" {} }

  private func message(_ type: Character, _ body: [UInt8]) throws {
    try send([type.asciiValue ?? 0] + int32(Int32(body.count + 4)) + body)
  }

  private func receive() throws -> (type: Character, body: [UInt8]) {
    let head = try read(5)
    let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
    let body = try read(length - 4)
    let type = Character(Unicode.Scalar(head[0]))
    if type == "E" { throw Failure(text: String(decoding: body.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)) }
    return (type, body)
  }

  private func read(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var got = 0
    while got < count {
      let n = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress.map { $0 + got }, count - got) }
      guard n > 0 else { throw Failure(text: "the server closed the connection") }
      got += n
    }
    return bytes
  }

  private func send(_ bytes: [UInt8]) throws {
    guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
      throw Failure(text: "cannot write: \(errno)")
    }
  }

  private func zeroed(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }
  private func int16(_ value: Int16) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
  private func int32(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}

import Foundation
import Glibc

/// A Unix socket before a server's, which hangs up after so many bytes from the server.
final class CuttingProxy: @unchecked Sendable {
  let directory: String
  private let listener: Int32

  /// - Parameter bytes: handed on before the connection is cut, in each connection.
  init(to socketDirectory: String, port: Int, in directory: TemporaryDirectory, cutAfter bytes: Int) throws {
    self.directory = directory.path + "/proxy-\(bytes)"
    try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: false)
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = Self.address(self.directory + "/.s.PGSQL.5432")
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, listen(listener, 8) == 0 else { throw CocoaError(.fileWriteUnknown) }
    let target = socketDirectory + "/.s.PGSQL.\(port)"
    Thread.detachNewThread {
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(target)
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        _ = withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, size) }
        }
        Thread.detachNewThread { Self.copy(from: client, to: server, limit: .max) }
        Thread.detachNewThread { Self.copy(from: server, to: client, limit: bytes) }
      }
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func address(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return address
  }

  private static func copy(from source: Int32, to target: Int32, limit: Int) {
    var left = limit
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while left > 0 {
      let count = read(source, &buffer, min(buffer.count, left))
      guard count > 0, send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
      left -= count
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(target, Int32(SHUT_RDWR))
  }
}

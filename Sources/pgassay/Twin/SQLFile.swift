import Foundation
import Model

/// A file of SQL text.
enum SQLFile {
  struct Fault: UserError {
    var path: String
    var reason: String
    var sentence: String { "\(path == "-" ? "standard input" : path): \(reason)" }
  }

  static let sizeLimit = 64 << 20

  static func text(at path: String) throws(Fault) -> String {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Fault(path: path, reason: String(cString: strerror(errno))) }
    defer { if path != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Fault(path: path, reason: String(cString: strerror(errno))) }
      if count == 0 { break }
      bytes += buffer[..<count]
      guard bytes.count <= sizeLimit else { throw Fault(path: path, reason: "it is larger than \(sizeLimit >> 20) MB") }
    }
    guard !bytes.isEmpty else { throw Fault(path: path, reason: "it is empty") }
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(path: path, reason: "it is no text in UTF-8")
    }
    return text
  }
}

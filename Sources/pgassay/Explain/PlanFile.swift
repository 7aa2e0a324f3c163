import Foundation
import Model
import Plans

/// Plans in a file or on standard input.
enum PlanFile {
  /// No plan is this large; what is larger is something else.
  static let sizeLimit = 256 << 20

  /// At least one plan.
  static func plans(at path: String) throws(PlanFileError) -> [Plan] {
    let bytes = try contents(of: path)
    do {
      return try PlanReader.plans(in: bytes)
    } catch {
      throw PlanFileError(path: path, reason: error.sentence)
    }
  }

  private static func contents(of path: String) throws(PlanFileError) -> [UInt8] {
    var descriptor = STDIN_FILENO
    if path != "-" {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw PlanFileError(path: path, reason: String(cString: strerror(errno))) }
    }
    defer { if path != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw PlanFileError(path: path, reason: String(cString: strerror(errno))) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= sizeLimit else {
        throw PlanFileError(path: path, reason: "more than \(sizeLimit >> 20) MB; give one plan at a time")
      }
    }
  }
}

/// A file that cannot be read, or in which there is no plan.
struct PlanFileError: UserError {
  var path: String
  var reason: String

  var sentence: String {
    let name = path == "-" ? "standard input" : path
    return "\(name): \(reason.prefix(1).lowercased() + reason.dropFirst())."
  }
}

import Catalog
import Foundation
import Model

/// A file that appears whole or not at all: it is written under a temporary name beside its place and then renamed.
enum OutputFile {
  /// Writes `text` to `path`; `-` is standard output. A device or pipe is written to directly, since it cannot be
  /// replaced. Throws `OutputError.file`; what was at `path` before is then unchanged.
  static func write(_ text: String, to path: String) throws(OutputError) {
    let target: String
    switch OutputPlace(path) {
    case .standardOutput: return Output.standard.write(text)
    case .directory: throw .file(path: path, reason: "it is a directory")
    case .direct:
      return try write(text, descriptor: open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY), path: path)
    case .file(let place): target = place
    }
    var status = stat()
    let exists = stat(target, &status) == 0
    let temporary = OutputPlace.temporaryName(for: target)
    let cleanup = Interrupts.cleanUpOnInterrupt { unlink(temporary) }
    defer { cleanup.end() }
    do throws(OutputError) {
      let mode: mode_t = exists ? status.st_mode & 0o777 : 0o666
      try write(text, descriptor: open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), path: path)
      guard rename(temporary, target) == 0 else { throw .file(path: path, reason: reason(errno)) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func write(_ text: String, descriptor: Int32, path: String) throws(OutputError) {
    guard descriptor >= 0 else { throw .file(path: path, reason: reason(errno)) }
    let bytes = Array(text.utf8)
    var failure: Int32 = 0
    var written = 0
    while written < bytes.count, failure == 0 {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count >= 0 { written += count } else if errno != EINTR { failure = errno }
    }
    // A full disk may show only here; a device or pipe that cannot be synchronised says EINVAL.
    if failure == 0, fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure != 0 { throw .file(path: path, reason: reason(failure)) }
  }

  private static func reason(_ number: Int32) -> String {
    let text = String(cString: strerror(number))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}

import Foundation
import Model
import Report
import Synchronization

/// Standard output: buffered, styled for its terminal, and quiet when its reader goes away.
///
/// Writing does not throw. A reader that closed the pipe (`pgassay top | head`) ends the output and nothing else, so
/// that the exit code still tells the verdict; any other failure is kept and thrown by `finish()`.
final class Output: Sendable {
  static let standard = Output(descriptor: STDOUT_FILENO)

  private struct State {
    var buffer: [UInt8] = []
    /// `errno` of the first write that failed.
    var failure: Int32?
  }

  let descriptor: Int32
  let style: TerminalStyle
  private let state = Mutex(State())
  private static let capacity = 64 * 1024

  init(descriptor: Int32) {
    self.descriptor = descriptor
    self.style = TerminalStyle(descriptor: descriptor)
  }

  func write(_ text: String) {
    state.withLock { state in
      guard state.failure == nil else { return }
      state.buffer.append(contentsOf: text.utf8)
      if state.buffer.count >= Self.capacity { drain(&state) }
    }
  }

  func line(_ text: String = "") { write(text + "\n") }

  /// The table, fitted to the terminal and coloured where it has colours.
  func table(_ table: Table) {
    write(TextTable(table, width: style.width, isColoured: style.isColoured).rendered())
  }

  func json(_ document: JSONValue) { write(document.pretty) }

  /// `text` in `tone` where the terminal has colours.
  func styled(_ text: String, _ tone: Tone) -> String {
    ANSIStyle.styled(text, tone, isColoured: style.isColoured)
  }

  /// Writes out what is buffered, so that a person watching sees it now.
  func flush() { state.withLock { drain(&$0) } }

  /// Whether the reader is gone: a command that runs until stopped ends here.
  var isClosed: Bool { state.withLock { $0.failure == EPIPE } }

  /// Writes out what is buffered and throws if anything could not be written for another reason than a closed pipe.
  func finish() throws(OutputError) {
    let failure = state.withLock { state in
      drain(&state)
      return state.failure
    }
    if let failure, failure != EPIPE { throw .standardOutput(reason: String(cString: strerror(failure))) }
  }

  private func drain(_ state: inout State) {
    guard state.failure == nil else { return }
    var written = 0
    while written < state.buffer.count {
      let count = state.buffer.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        state.failure = errno
        break
      }
    }
    state.buffer.removeAll(keepingCapacity: true)
  }
}

/// Output that could not be written.
enum OutputError: UserError {
  case standardOutput(reason: String)
  case file(path: String, reason: String)

  var sentence: String {
    switch self {
    case .standardOutput(let reason): "cannot write to standard output: \(reason)"
    case .file(let path, let reason): "cannot write \(path): \(reason); nothing was changed there"
    }
  }
}

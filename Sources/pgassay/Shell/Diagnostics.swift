import Foundation
import Synchronization

/// Notes for the person at the terminal, on standard error; standard output stays clean for the result.
enum Diagnostics {
  private static let output = Mutex(FileHandle.standardError)

  /// `pgassay: SENTENCE`: why the command could not do its work.
  static func error(_ sentence: String) { write("pgassay: " + sentence + "\n") }

  /// `pgassay: note: SENTENCE`: something worth knowing that does not change the result.
  static func note(_ sentence: String) { write("pgassay: note: " + sentence + "\n") }

  /// `pgassay: warning: SENTENCE`: something that makes the result worth less than it looks.
  static func warning(_ sentence: String) { write("pgassay: warning: " + sentence + "\n") }

  /// The argument parser's message, under our name.
  static func usage(_ message: String) {
    let prefix = "Error: "
    write("pgassay: " + (message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message) + "\n")
  }

  /// `text` as it is. A standard error that cannot be written to is nobody's to tell.
  static func write(_ text: String) {
    output.withLock { try? $0.write(contentsOf: Data(text.utf8)) }
  }
}

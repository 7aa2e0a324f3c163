import Foundation

/// What a file descriptor can show: how wide, and whether in colour.
struct TerminalStyle: Sendable {
  /// The width of output that goes to a file or a pipe, so that it is the same everywhere.
  static let standardWidth = 120

  let isTerminal: Bool
  let width: Int
  let isColoured: Bool

  init(isTerminal: Bool, width: Int, isColoured: Bool) {
    self.isTerminal = isTerminal
    self.width = width
    self.isColoured = isColoured
  }

  /// Asks the terminal and the environment: `COLUMNS` overrides the terminal's width, `NO_COLOR` (no-color.org) and
  /// `TERM=dumb` switch colours off, `CLICOLOR_FORCE` switches them on for pipes (bixense.com/clicolors).
  init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
    isTerminal = isatty(descriptor) == 1
    if let columns = environment["COLUMNS"].flatMap(Int.init), columns > 0 {
      width = columns
    } else {
      width = (isTerminal ? Self.terminalWidth(descriptor) : nil) ?? Self.standardWidth
    }
    func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty && $0 != "0" } ?? false }
    if environment["NO_COLOR"].map({ !$0.isEmpty }) ?? false {
      isColoured = false
    } else {
      isColoured = isSet("CLICOLOR_FORCE") || (isTerminal && environment["TERM"] != "dumb")
    }
  }

  private static func terminalWidth(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

import ArgumentParser
import Foundation

/// `--history`: where the SQLite file is.
struct HistoryOptions: ParsableArguments {
  @Option(
    name: .customLong("history"),
    help: ArgumentHelp(
      "The history file.",
      discussion: "Default: $PGASSAY_HISTORY, else $XDG_DATA_HOME/pgassay/history.sqlite, else "
        + "~/.local/share/pgassay/history.sqlite.",
      valueName: "file"))
  private var file: String?

  /// The path as given, or the default one.
  var path: String { file ?? Self.defaultPath(ProcessInfo.processInfo.environment) }

  /// Whether nobody named the file: its directory may then be created.
  var isDefault: Bool { file == nil && (ProcessInfo.processInfo.environment["PGASSAY_HISTORY"] ?? "").isEmpty }

  /// The default by the XDG Base Directory Specification 0.8, which asks to ignore a relative `XDG_DATA_HOME`.
  static func defaultPath(_ environment: [String: String]) -> String {
    if let path = environment["PGASSAY_HISTORY"], !path.isEmpty { return path }
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/pgassay/history.sqlite" }
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    return home + "/.local/share/pgassay/history.sqlite"
  }
}

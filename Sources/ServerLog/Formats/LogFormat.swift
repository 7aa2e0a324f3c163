/// The three formats that PostgreSQL writes.
public enum LogFormat: Sendable, Hashable {
  case stderr(LinePrefix)
  case csv
  case json

  /// For people.
  public var name: String {
    switch self {
    case .stderr(let prefix): "stderr \"\(prefix.text)\""
    case .csv: "csvlog"
    case .json: "jsonlog"
    }
  }

  /// Which one to read when several hold the same entries: the one that says most, least ambiguously.
  public var rank: Int {
    switch self {
    case .json: 0
    case .csv: 1
    case .stderr: 2
    }
  }

  /// Whether the log's times say more than the second.
  public var hasMilliseconds: Bool {
    guard case .stderr(let prefix) = self else { return true }
    return prefix.contains(.time) || prefix.contains(.epoch)
  }

  /// The name without the prefix.
  var family: String {
    switch self {
    case .stderr: "stderr"
    case .csv, .json: name
    }
  }

  var escaping: Escaping {
    switch self {
    case .stderr: .tab
    case .csv: .doubledQuote
    case .json: .json
    }
  }

  /// - Parameter prefixes: those of a stderr log up to the place where it is read, the newest first; none for its own.
  func reader(tables: [MessageTable], zones: ZoneOffsets, prefixes: [LinePrefix] = []) -> any EntryReader {
    switch self {
    case .stderr(let prefix):
      BlockReader(StderrScanner(prefixes: prefixes.isEmpty ? [prefix] : prefixes, tables: tables, zones: zones))
    case .csv: BlockReader(CSVScanner(tables: tables, zones: zones))
    case .json: BlockReader(JSONScanner(tables: tables, zones: zones))
    }
  }
}

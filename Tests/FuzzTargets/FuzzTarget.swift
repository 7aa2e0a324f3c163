import ServerLog

/// A parser of bytes that somebody else wrote, and what must hold for whatever bytes it is given.
///
/// `make fuzz` drives each with libFuzzer; `FuzzTests` replays what was found worth keeping. A target traps where a
/// property does not hold, as a parser's own fault would.
public enum FuzzTarget: String, CaseIterable, Sendable {
  // Logs: the formats, prefixes given and found out, what is remembered between two runs, what carried them.
  case csvlog, jsonlog, stderr, prefix, sniffing, sessions, wrapping
  // Statements.
  case masking, fingerprint, tags, analysis
  // Plans of all formats.
  case plan
  // Everything else that comes as a file.
  case json, snapshot, statements, sketch, compression

  /// Runs the parser on the bytes.
  public func run(_ bytes: [UInt8]) {
    switch self {
    case .csvlog: LogFuzzing.read(bytes, .csv)
    case .jsonlog: LogFuzzing.read(bytes, .json)
    case .stderr: LogFuzzing.readWithKnownPrefix(bytes)
    case .prefix: LogFuzzing.readWithOwnPrefix(bytes)
    case .sniffing: LogFuzzing.sniff(bytes)
    case .sessions: LogFuzzing.restore(bytes)
    case .wrapping: LogFuzzing.unwrap(bytes)
    case .masking: StatementFuzzing.mask(bytes)
    case .fingerprint: StatementFuzzing.fingerprint(bytes)
    case .tags: StatementFuzzing.tags(bytes)
    case .analysis: StatementFuzzing.analyze(bytes)
    case .plan: FileFuzzing.plan(bytes)
    case .json: FileFuzzing.json(bytes)
    case .snapshot: FileFuzzing.snapshot(bytes)
    case .statements: FileFuzzing.statements(bytes)
    case .sketch: FileFuzzing.sketch(bytes)
    case .compression: FileFuzzing.unpack(bytes)
    }
  }
}

/// A property that every input must keep.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  if !holds { fatalError(what()) }
}

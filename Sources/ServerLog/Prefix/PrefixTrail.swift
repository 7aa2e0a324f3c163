internal import Bytes

/// The prefixes that a stderr log has had up to a place in it.
///
/// A reload or a restart changes `log_line_prefix` in mid-file. Backends take the new one up one after the other, each
/// with its next command, so for a while entries with the old one stand between: all of them are tried, the newest first.
public struct PrefixTrail: Sendable, Equatable {
  /// A place from which on lines have another prefix.
  public struct Change: Sendable, Equatable {
    /// Where in the content the first such line begins.
    public var offset: Int64
    public var before: String
    public var after: String
    /// Whether lines with the prefix before follow: it stands only between them.
    public var isPassing: Bool
  }

  /// The newest first.
  public private(set) var prefixes: [LinePrefix]
  /// The changes that this reading has found.
  public private(set) var changes: [Change] = []
  /// Before this place no other prefix is looked for: it was, in vain, or found.
  var silentUntil: Int64
  /// Searches in vain since the last change.
  var failures: Int
  /// Changes that the server did not announce.
  var unannounced: Int

  /// Prefixes that are tried at most.
  private static let limit = 4
  /// Unannounced changes after which a further one is looked for less and less often: so many are no server's.
  private static let believedLimit = 8

  public init(_ prefixes: [LinePrefix], silentUntil: Int64 = 0, failures: Int = 0, unannounced: Int = 0) {
    self.prefixes = prefixes
    self.silentUntil = silentUntil
    self.failures = failures
    self.unannounced = unannounced
  }

  var newest: LinePrefix? { prefixes.first }

  mutating func add(_ prefix: LinePrefix, at offset: Int64, isPassing: Bool = false, isAnnounced: Bool = true) {
    changes.append(Change(offset: offset, before: newest?.text ?? "", after: prefix.text, isPassing: isPassing))
    prefixes.removeAll { $0 == prefix }
    prefixes.insert(prefix, at: isPassing ? min(1, prefixes.count) : 0)
    if prefixes.count > PrefixTrail.limit { prefixes.removeLast() }
    var next = offset + 1
    if !isAnnounced {
      unannounced += 1
      let excess = Int64(min(unannounced - PrefixTrail.believedLimit, 8))
      if excess > 0 { next = offset + PrefixFollower.sampleBytes << excess }
    }
    silentUntil = max(silentUntil, next)
    failures = 0
  }

  /// After a search in vain the next one is farther away, so that lines which no server wrote cost little.
  mutating func fail(at offset: Int64) {
    silentUntil = offset + PrefixFollower.sampleBytes << Int64(min(failures, 8))
    failures += 1
  }

  /// As a reader's state; empty as long as nothing happened that the beginning of the log does not tell.
  public var encoded: [UInt8] {
    guard prefixes.count > 1 || silentUntil > 0 else { return [] }
    var out = StateWriter()
    out.add(signed: silentUntil)
    out.add(UInt64(failures))
    out.add(UInt64(unannounced))
    out.add(UInt64(prefixes.count))
    for prefix in prefixes { out.add(bytes: Array(prefix.text.utf8)) }
    return out.bytes
  }

  /// Reads what `encoded` gave.
  /// - Parameter prefix: the one that the beginning of the log shows.
  public init(encoded bytes: [UInt8], beginning prefix: LinePrefix) {
    self.init([prefix])
    guard !bytes.isEmpty else { return }
    var input = StateReader(bytes)
    silentUntil = input.signed()
    failures = Int(clamping: input.next())
    unannounced = Int(clamping: input.next())
    let texts = (0..<input.count()).map { _ in input.text() }
    guard !input.failed else { return }
    // Of a single one a longer beginning tells more than the shorter one did.
    if texts.count > 1 { prefixes = texts.prefix(PrefixTrail.limit).map { LinePrefix($0) } }
  }
}

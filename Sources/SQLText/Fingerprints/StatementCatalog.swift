public import Model
internal import Synchronization

/// Every statement shape seen so far, shared by the readers of all threads.
///
/// Readers (`StatementReader`) look a statement up by its masked key; the catalog asks the parser for keys it does not
/// know, and remembers the texts of new fingerprints until they are taken for storing.
public final class StatementCatalog: Sendable {
  private struct Known {
    var byKey: [UInt64: KnownStatement] = [:]
    var fingerprints: Set<Fingerprint> = []
    var untaken: [StatementText] = []
  }

  private let fingerprinter: Fingerprinter
  private let known = Mutex(Known())
  /// Keys held before they are dropped and learnt again: what bounds memory on hostile logs.
  private let keyLimit: Int

  public init(fingerprinter: Fingerprinter = Fingerprinter(), keyLimit: Int = 1 << 19) {
    self.fingerprinter = fingerprinter
    self.keyLimit = keyLimit
  }

  /// The texts of the fingerprints that were met since the last call, sorted by fingerprint. Each fingerprint is handed
  /// out once in the catalog's life.
  public func takeNewTexts() -> [StatementText] {
    known.withLock { known in
      let texts = known.untaken
      known.untaken = []
      return texts.sorted { $0.fingerprint < $1.fingerprint }
    }
  }

  /// The statement of a masked key, described by the parser where the key is new.
  func statement(_ key: UInt64, _ text: UnsafeRawBufferPointer, isTruncated: Bool) -> KnownStatement {
    if let statement = known.withLock({ $0.byKey[key] }) { return statement }
    let described = fingerprinter.describe(text, isTruncated: isTruncated)
    let statement = KnownStatement(
      fingerprint: described.fingerprint, kind: described.kind, grammar: described.grammar)
    return known.withLock { known in
      if known.byKey.count >= keyLimit { known.byKey.removeAll() }
      known.byKey[key] = statement
      if known.fingerprints.insert(described.fingerprint).inserted { known.untaken.append(described) }
      return statement
    }
  }
}

/// What a reader needs to know of a statement to count it.
public struct KnownStatement: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var kind: StatementKind
  public var grammar: StatementText.Grammar
}

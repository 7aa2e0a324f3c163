internal import Bytes
public import Model

/// Finds what a statement is: its fingerprint, its text without values, its kind and the relations it names.
///
/// The fingerprint is libpg_query's of the statement with neutral constants (`CanonicalText`): for SELECT, INSERT,
/// UPDATE, DELETE and MERGE the same as of the statement itself. Where the text does not parse, it is a hash of the
/// masked text, and `StatementText.grammar` says so.
public struct Fingerprinter: Sendable {
  /// Names the rules that fingerprints follow; fingerprints of different schemes must not be compared.
  public static let scheme = "libpg_query 15-4.0.0, neutral constants, 1"

  /// Bytes of text, literals and the further elements of lists not counted, above which the parser is not asked: it
  /// takes some 200 bytes of memory for each.
  public var sizeLimit: Int

  /// Bytes above which only the fingerprint is asked for, not the tree: a tree takes up to a hundred times as much.
  private static let treeLimit = 32 << 10

  public init(sizeLimit: Int = 128 << 10) { self.sizeLimit = sizeLimit }

  public func describe(_ text: some StringProtocol, isTruncated: Bool = false) -> StatementText {
    var text = String(text)
    return text.withUTF8 { describe(UnsafeRawBufferPointer($0), isTruncated: isTruncated) }
  }

  /// - Parameter isTruncated: whether the source cut the text off. A cut text may parse as a different statement, so
  ///   the parser is not asked.
  public func describe(_ text: UnsafeRawBufferPointer, isTruncated: Bool = false) -> StatementText {
    if let mended = ReadableText.mended(text) {
      return mended.withUnsafeBytes { describe($0, isTruncated: isTruncated) }
    }
    return text.withMemoryRebound(to: UInt8.self) { bytes in
      let pieces = StatementPieces(bytes, limit: sizeLimit)
      let canonical = CanonicalText.write(pieces)
      let normalized = String(decoding: NormalizedText.write(pieces), as: UTF8.self)
      if !isTruncated, !pieces.isCut, let parsed = parse(canonical, normalized) { return parsed }
      let lexical = LexicalGuess(pieces)
      return StatementText(
        fingerprint: Self.maskedFingerprint(canonical), normalized: normalized, kind: lexical.kind,
        relations: lexical.relations, grammar: .masked)
    }
  }

  private func parse(_ canonical: [UInt8], _ normalized: String) -> StatementText? {
    guard canonical.count <= sizeLimit, !canonical.isEmpty, !canonical.contains(0) else { return nil }
    let text = String(decoding: canonical, as: UTF8.self)
    guard case .fingerprint(let fingerprint) = ParserThread.shared.ask(.fingerprint, text) else { return nil }
    var result = StatementText(
      fingerprint: Fingerprint(fingerprint), normalized: normalized, kind: .unknown, relations: [], grammar: .parsed)
    if canonical.count <= Self.treeLimit, case .tree(let tree) = ParserThread.shared.ask(.parse, text) {
      let summary = TreeSummary(tree)
      result.kind = summary.kind
      result.relations = summary.relations
    } else {
      let lexical = canonical.withUnsafeBufferPointer { LexicalGuess(StatementPieces($0)) }
      result.kind = lexical.kind
      result.relations = lexical.relations
    }
    return result
  }

  private static func maskedFingerprint(_ canonical: [UInt8]) -> Fingerprint {
    canonical.withUnsafeBytes { Fingerprint(ByteHash.hash($0, seed: 2)) }
  }
}

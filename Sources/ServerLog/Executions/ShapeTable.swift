internal import Bytes
internal import Model
internal import SQLText

/// From masked keys to statements: the parser runs once for each key that the log holds.
///
/// Numbers are handed out in the order of first appearance, so equal logs give equal numbers.
struct ShapeTable: ~Copyable {
  /// What the assembler has to know of a statement.
  struct Statement {
    let fingerprint: Fingerprint
    let kind: StatementKind
    let control: Control
  }

  /// What a statement does to the transaction it runs in.
  enum Control: UInt8 {
    case none, begins, ends
    /// `PREPARE name AS …`, whose query id is that of what it prepares.
    case prepares
  }

  private let fingerprinter: Fingerprinter
  private var byKey = HashTable(capacity: 4096)
  private var byFingerprint = HashTable(capacity: 1024)
  private(set) var statements: ContiguousArray<Statement> = []
  private var newTexts: [StatementText] = []
  /// Bytes of the texts that are new since the last `takeTexts`.
  private(set) var newBytes = 0
  /// Keys remembered at most; a log of statements that are all different (passwords, temporary names) must not fill
  /// the memory. Forgetting costs a parse, nothing else.
  private static let limit = 1 << 19

  init(_ fingerprinter: Fingerprinter) { self.fingerprinter = fingerprinter }

  /// The number of the statement with a key, if it is known.
  @inline(__always)
  func find(_ key: UInt64) -> Int? { byKey.find(key).map(Int.init) }

  mutating func add(_ key: UInt64, _ text: UnsafeRawBufferPointer, isTruncated: Bool) -> Int {
    let description = fingerprinter.describe(text, isTruncated: isTruncated)
    let number = number(of: description)
    if byKey.count >= ShapeTable.limit { byKey.removeAll() }
    byKey.insert(key, Int32(number))
    return number
  }

  private mutating func number(of description: StatementText) -> Int {
    let value = ByteHash.combine(description.fingerprint.value, 1)
    if let known = byFingerprint.find(value) { return Int(known) }
    let number = statements.count
    byFingerprint.insert(value, Int32(number))
    statements.append(
      Statement(
        fingerprint: description.fingerprint, kind: description.kind, control: ShapeTable.control(description)))
    newTexts.append(description)
    newBytes += description.normalized.utf8.count
    return number
  }

  /// The statement with a fingerprint read back from a reader's state; its text is in the history already.
  mutating func number(of fingerprint: Fingerprint, kind: StatementKind, control: Control) -> Int {
    let value = ByteHash.combine(fingerprint.value, 1)
    if let known = byFingerprint.find(value) { return Int(known) }
    let number = statements.count
    byFingerprint.insert(value, Int32(number))
    statements.append(Statement(fingerprint: fingerprint, kind: kind, control: control))
    return number
  }

  /// The texts of statements that are new since the last call.
  mutating func takeTexts() -> [StatementText] {
    let texts = newTexts
    newTexts = []
    newBytes = 0
    return texts
  }

  static func control(_ statement: StatementText) -> Control {
    if statement.kind == .utility, statement.normalized.prefix(8).uppercased() == "PREPARE " { return .prepares }
    guard statement.kind == .transaction else { return .none }
    let words = statement.normalized.uppercased().split(maxSplits: 3) { !$0.isLetter }
    switch words.first {
    case "BEGIN", "START": return .begins
    case "COMMIT", "END", "ABORT", "PREPARE": return .ends
    case "ROLLBACK": return words.contains("TO") ? .none : .ends
    default: return .none
    }
  }
}

internal import Bytes
internal import Model
internal import SQLText

/// What becomes of values before anything is stored: `--parameters keep | hash | drop`. Secrets go in every case.
struct ValuePolicy: Sendable {
  let mode: ReadingOptions.Parameters
  /// Of the history: hashes of two histories cannot be compared, and no table of hashes made elsewhere fits.
  let salt: [UInt8]

  typealias Parameter = ExecutionSample.Parameter

  /// A sample's text and parameters. Kept, the text is as logged; otherwise it is the normalized one, whose `$n` the
  /// literals' hashes follow.
  func sample(_ text: UnsafeRawBufferPointer, _ parameters: [Parameter]) -> (text: String, parameters: [Parameter]) {
    if let mended = ReadableText.mended(text) { return mended.withUnsafeBytes { sample($0, parameters) } }
    let secrets = StatementValues.secrets(in: text)
    var clean = secrets.masked
    var parameters = parameters
    for number in secrets.parameters where number > 0 && number <= parameters.count {
      parameters[number - 1] = .text(StatementValues.mask)
    }
    if mode == .keep {
      return (clean ?? String(decoding: text, as: UTF8.self), parameters.map(withoutSecrets))
    }
    let split =
      clean?.withUTF8 { StatementValues.split(UnsafeRawBufferPointer($0)) } ?? StatementValues.split(text)
    guard mode == .hash else { return (split.text, []) }
    let bound = parameters.map(hashed)
    guard bound.count >= split.parameters else { return (split.text, bound) }
    return (split.text, bound.prefix(split.parameters) + split.literals.map { hashed(.text($0)) })
  }

  private func withoutSecrets(_ parameter: Parameter) -> Parameter {
    switch parameter {
    case .null, .hashed: parameter
    case .text(let text): .text(StatementValues.withoutSecrets(text))
    case .truncated(let text): .truncated(StatementValues.withoutSecrets(text))
    }
  }

  private func hashed(_ parameter: Parameter) -> Parameter {
    switch withoutSecrets(parameter) {
    case .null: .null
    case .text(let text): .hashed(hash(text))
    // Values that were cut alike need not be alike.
    case .truncated(let text): .hashed("…" + hash(text))
    case .hashed(let hash): .hashed(hash)
    }
  }

  private func hash(_ text: String) -> String {
    SHA256.digest(salt + Array(text.utf8)).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  func plan(_ document: String, _ format: PlanSample.Format) -> String {
    mode == .keep ? PlanValues.withoutSecrets(document, format) : PlanValues.masked(document, format)
  }

  /// Whether what happened in a statement may speak of its password: the server quotes what it could not parse.
  func isSecret(_ statement: UnsafeRawBufferPointer) -> Bool {
    StatementValues.withoutSecrets(statement) != nil || StatementValues.mentionsPassword(statement)
  }

  /// A message's shape, whatever becomes of values, without secrets.
  /// - Parameter isSecret: of the statement that it happened in.
  func shape(_ message: String, isSecret: Bool) -> String {
    guard isSecret else { return MessageShape.mask(StatementValues.withoutSecrets(message)) }
    // A quoted identifier stands in quotes of its own: nothing behind the first quote is sure to be masked.
    return MessageShape.mask(StatementValues.withoutSecrets(message), isCutAtQuote: true)
  }

  /// An event's sample: the message with its detail, or without its values.
  func event(
    _ message: String, _ detail: String, _ shape: String, _ category: EventCell.Category, isSecret: Bool
  ) -> String {
    let isKept = mode == .keep && !isSecret
    let first =
      isKept ? StatementValues.withoutSecrets(message) : shape.isEmpty ? self.shape(message, isSecret: isSecret) : shape
    guard !detail.isEmpty else { return first }
    if isKept { return first + "\n" + StatementValues.withoutSecrets(detail) }
    guard category == .deadlock || category == .lockWait else { return first }
    return first + "\n" + participants(detail)
  }

  /// `Process 4711: UPDATE …` without the values of the statement; who waits for whom stays.
  private func participants(_ detail: String) -> String {
    detail.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
      guard line.first?.isLetter == true else { return nil }
      guard let colon = line.firstIndex(of: ":"), line[..<colon].contains(where: \.isNumber),
        line[..<colon].split(separator: " ").count == 2
      else { return String(line) }
      var statement = String(line[line.index(after: colon)...])
      return line[...colon] + " " + statement.withUTF8 { StatementValues.split(UnsafeRawBufferPointer($0)).text }
    }.joined(separator: "\n")
  }
}

/// Messages below ERROR that the server itself writes, so that their words may stand in shapes. What a function says by
/// RAISE NOTICE, WARNING, LOG or INFO is a user's text, may hold anything, and has the severities and SQLSTATEs of the
/// server's own; and with `log_error_verbosity = terse` stderr does not say where a message comes from. So it is told by
/// the words alone, in which all formats agree: a message that is none of these has its severity for a shape.
///
/// `%s` stands for any text (`?` in the shape), `%d` for a number (`#`). Texts: src/backend and its message catalogs,
/// versions 10 to 18.
enum KnownMessage {
  /// The shape of a message below ERROR.
  /// - Parameter english: what the message is in English, where the log has another language and that is known.
  static func shape(_ message: String, english: String?, _ severity: Severity) -> String {
    for text in [message, english].compactMap(\.self) {
      let line = text.prefix { $0 != "\n" }
      if line.utf8.count <= 4_000, let known = templates.lazy.compactMap({ $0.shape(of: line) }).first { return known }
    }
    return "\(name(severity)) in words that may be a user's"
  }

  private static func name(_ severity: Severity) -> String {
    switch severity {
    case .notice: "NOTICE"
    case .warning: "WARNING"
    case .info: "INFO"
    case .debug: "DEBUG"
    default: "LOG"
    }
  }

  private static let templates = texts.map(Template.init)

  struct Template: Sendable {
    private enum Piece: Sendable, Equatable { case text(String), any, number }
    private let pieces: [Piece]
    private let shape: String

    init(_ text: String) {
      var pieces: [Piece] = []
      var rest = text[...]
      while let percent = rest.firstIndex(of: "%") {
        if percent > rest.startIndex { pieces.append(.text(String(rest[..<percent]))) }
        let kind = rest.index(after: percent)
        pieces.append(rest[kind] == "d" ? .number : .any)
        rest = rest[rest.index(after: kind)...]
      }
      if !rest.isEmpty { pieces.append(.text(String(rest))) }
      self.pieces = pieces
      shape = text.split(separator: "%s", omittingEmptySubsequences: false).joined(separator: "?")
        .split(separator: "%d", omittingEmptySubsequences: false).joined(separator: "#")
    }

    /// The template's shape where all of `message` is one of its messages.
    func shape(of message: Substring) -> String? {
      var rest = message
      var isOpen = false
      for (i, piece) in pieces.enumerated() {
        switch piece {
        case .any: isOpen = true
        case .number:
          let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
          guard !isOpen, !digits.isEmpty else { return nil }
          rest = rest.dropFirst(digits.count)
        case .text(let text):
          if !isOpen {
            guard rest.hasPrefix(text) else { return nil }
            rest = rest.dropFirst(text.count)
          } else if i == pieces.count - 1 {
            guard rest.hasSuffix(text) else { return nil }
            rest = ""
          } else {
            guard let range = rest.firstRange(of: text) else { return nil }
            rest = rest[range.upperBound...]
          }
          isOpen = false
        }
      }
      return isOpen || rest.isEmpty ? shape : nil
    }
  }
}

/// A message of the server in another language, and the English one that it stands for.
///
/// `%s`, `%d` and their like match any text; `%2$s` names its place.
struct MessageTemplate: Sendable {
  private enum Piece: Sendable, Equatable {
    case text(String)
    /// The number of the argument, from one.
    case argument(Int)
  }

  private let foreign: [Piece]
  private let english: [Piece]

  init(foreign: String, english: String) {
    self.foreign = MessageTemplate.pieces(foreign)
    self.english = MessageTemplate.pieces(english)
  }

  /// The English message, if `message` is one of this template.
  func translate(_ message: String) -> String? {
    var arguments: [Int: Substring] = [:]
    var rest = message[...]
    var open: Int?
    for piece in foreign {
      switch piece {
      case .argument(let number):
        // Two arguments side by side: the first takes nothing.
        if let open { arguments[open] = "" }
        open = number
      case .text(let text):
        if let number = open {
          guard let range = rest.firstRange(of: text) else { return nil }
          arguments[number] = rest[..<range.lowerBound]
          rest = rest[range.upperBound...]
          open = nil
        } else {
          guard rest.hasPrefix(text) else { return nil }
          rest = rest.dropFirst(text.count)
        }
      }
    }
    if let open {
      arguments[open] = rest
      rest = ""
    }
    // What follows a template that ends in a newline is more of the same message (vacuum's figures).
    return english.map { piece in
      switch piece {
      case .text(let text): text
      case .argument(let number): String(arguments[number] ?? "")
      }
    }.joined() + rest
  }

  private static func pieces(_ format: String) -> [Piece] {
    var pieces: [Piece] = []
    var text = ""
    var next = 1
    var characters = Array(format)[...]
    while let character = characters.popFirst() {
      guard character == "%" else {
        text.append(character)
        continue
      }
      if characters.first == "%" {
        characters.removeFirst()
        text.append("%")
        continue
      }
      var digits = ""
      while let digit = characters.first, digit.isNumber {
        digits.append(digit)
        characters.removeFirst()
      }
      var number = next
      if characters.first == "$", let given = Int(digits) {
        number = given
        characters.removeFirst()
      }
      while let modifier = characters.first, modifier.isNumber || "-.l".contains(modifier) { characters.removeFirst() }
      _ = characters.popFirst()
      next = number + 1
      if !text.isEmpty { pieces.append(.text(text)) }
      text = ""
      pieces.append(.argument(number))
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    return pieces
  }
}

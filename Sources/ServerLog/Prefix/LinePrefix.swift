/// A compiled `log_line_prefix`: the setting's text as a list of byte matchers.
///
/// Manual: "Error Reporting and Logging", `log_line_prefix`; escapes of PostgreSQL 10 to 18, each with optional padding
/// (`%10u` pads on the left, `%-10u` on the right).
public struct LinePrefix: Sendable, Hashable {
  /// The setting's text.
  public let text: String
  let steps: [Step]

  public static func == (a: LinePrefix, b: LinePrefix) -> Bool { a.text == b.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }

  enum Step: Sendable, Equatable {
    case literal([UInt8])
    case field(Field, padding: Int)
    /// `%q`: background processes stop here.
    case stop
  }

  enum Field: Character, Sendable, CaseIterable {
    case application = "a"
    case user = "u"
    case database = "d"
    case remoteHostPort = "r"
    case remoteHost = "h"
    case localAddress = "L"
    case backendType = "b"
    case process = "p"
    case leader = "P"
    case timeSeconds = "t"
    case time = "m"
    case epoch = "n"
    case commandTag = "i"
    case sqlState = "e"
    case session = "c"
    case line = "l"
    case start = "s"
    case virtualTransaction = "v"
    case transaction = "x"
    case queryID = "Q"
  }

  /// Compiles a prefix. An escape that no PostgreSQL knows is dropped, as the server drops it.
  public init(_ text: String) {
    self.text = text
    var steps: [Step] = []
    var literal: [UInt8] = []
    func flush() {
      if !literal.isEmpty { steps.append(.literal(literal)) }
      literal = []
    }
    var rest = Array(text)[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        literal += Array(String(character).utf8)
        continue
      }
      var sign = 1
      var width = 0
      if rest.first == "-" {
        rest.removeFirst()
        sign = -1
      }
      while let digit = rest.first?.wholeNumberValue, rest.first?.isASCII == true {
        rest.removeFirst()
        width = min(width * 10 + digit, 10_000)
      }
      guard let escape = rest.popFirst() else { break }
      switch escape {
      case "%": literal.append(UInt8(ascii: "%"))
      case "q":
        flush()
        steps.append(.stop)
      default:
        if let field = Field(rawValue: escape) {
          flush()
          steps.append(.field(field, padding: sign * width))
        }
      }
    }
    flush()
    self.steps = steps
  }

  /// Whether the prefix tells when an entry was written; without that nothing can be counted by minute.
  public var hasTime: Bool { contains(.time) || contains(.timeSeconds) || contains(.epoch) }
  /// Whether entries of different sessions can be told apart.
  public var hasSession: Bool { contains(.session) || contains(.process) }

  /// Whether it holds names, in which any byte may stand.
  var hasName: Bool { contains(.user) || contains(.database) || contains(.application) }

  func contains(_ field: Field) -> Bool {
    steps.contains { if case .field(field, _) = $0 { true } else { false } }
  }

  /// Words that stand in the prefix itself and label nothing, as `web` does in `%m [%p] %u@%d/web `. Labels such as
  /// `user=` are no such words, nor are single letters.
  var plainWords: Int {
    var count = 0
    for step in steps {
      guard case .literal(let bytes) = step else { continue }
      var i = 0
      while i < bytes.count {
        let start = i
        while i < bytes.count, PrefixGuess.isWord(bytes[i]) { i += 1 }
        // Nor are short numbers, such as those of `[%l-1]` and of a version.
        if i - start > 1, i - start > 2 || bytes[start..<i].contains(where: { $0 &- 0x30 >= 10 }) {
          var next = i
          while next < bytes.count, bytes[next] == 0x20 { next += 1 }
          if next == bytes.count || !"=:\"'(".utf8.contains(bytes[next]) { count += 1 }
        }
        i = max(i, start + 1)
      }
    }
    return count
  }

  /// How much a match of this prefix says: used to choose among prefixes that fit equally well.
  var specificity: Int { specificity(of: steps[...]) }
  /// How much a match says that ends at `%q`.
  var specificityToStop: Int { specificity(of: steps.prefix { $0 != .stop }) }

  private func specificity(of steps: ArraySlice<Step>) -> Int {
    steps.reduce(0) { sum, step in
      switch step {
      case .literal(let bytes): sum + bytes.count
      case .field: sum + 2
      case .stop: sum
      }
    }
  }
}

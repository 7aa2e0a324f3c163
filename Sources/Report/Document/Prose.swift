/// A sentence or two with code, emphasis and links in it.
///
///     "The index \(code: name) serves \(count) queries."
public struct Prose: Hashable, Sendable {
  public enum Span: Hashable, Sendable {
    case text(String)
    case code(String)
    case strong(String)
    /// A link to a section of the same document, by its anchor.
    case link(String, to: String)
  }

  public var spans: [Span]

  public init(_ spans: [Span]) { self.spans = spans }

  /// The words without any mark-up.
  public var plainText: String {
    spans.map { span in
      switch span {
      case .text(let text), .code(let text), .strong(let text), .link(let text, _): text
      }
    }.joined()
  }

  public static func + (a: Prose, b: Prose) -> Prose { Prose(a.spans + b.spans) }
}

extension Prose: ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) { self.init([.text(value)]) }

  public init(stringInterpolation: StringInterpolation) { self.init(stringInterpolation.spans) }

  public struct StringInterpolation: StringInterpolationProtocol {
    var spans: [Span] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { spans.append(.text(literal)) }
    }
    public mutating func appendInterpolation(_ text: String) { spans.append(.text(text)) }
    public mutating func appendInterpolation(_ number: some BinaryInteger) { spans.append(.text(String(number))) }
    public mutating func appendInterpolation(_ quantity: Quantity) { spans.append(.text(quantity.description)) }
    public mutating func appendInterpolation(_ prose: Prose) { spans += prose.spans }
    public mutating func appendInterpolation(code: String) { spans.append(.code(code)) }
    public mutating func appendInterpolation(strong: String) { spans.append(.strong(strong)) }
    public mutating func appendInterpolation(link: String, to anchor: String) {
      spans.append(.link(link, to: anchor))
    }
  }
}

public import Findings

/// A report as a value: what it says, apart from the format. `HTMLReport` and `MarkdownReport` render the same one.
public struct ReportDocument: Hashable, Sendable {
  public var title: String
  /// One line under the title: what the report is about.
  public var subtitle: String
  /// Short facts of the head: period, server, who made it.
  public var facts: [Fact]
  public var sections: [Section]

  public init(title: String, subtitle: String, facts: [Fact] = [], sections: [Section] = []) {
    self.title = title
    self.subtitle = subtitle
    self.facts = facts
    self.sections = sections
  }

  public struct Fact: Hashable, Sendable {
    public var label: String
    public var value: Prose

    public init(_ label: String, _ value: Prose) {
      self.label = label
      self.value = value
    }
  }

  /// A heading and what stands under it.
  public struct Section: Hashable, Sendable {
    public var title: String
    public var blocks: [Block]
    public var subsections: [Section]

    public init(_ title: String, _ blocks: [Block] = [], subsections: [Section] = []) {
      self.title = title
      self.blocks = blocks
      self.subsections = subsections
    }

    /// The name that links point to: GitHub's slug of the title, so that Markdown's own anchors are the same.
    public var anchor: String { Anchor.slug(title) }
  }

  public indirect enum Block: Hashable, Sendable {
    case paragraph(Prose)
    case list([Prose])
    /// The answers to "is the target met?".
    case verdicts([Verdict])
    /// A few numbers that matter, each with its change.
    case figures([Figure])
    case table(Table, caption: Prose?)
    case chart(Chart)
    case findings([Finding])
    case code(CodeBlock)
    /// A sentence set apart, with its tone.
    case note(Tone, Prose)
    /// What only some readers want to see: closed until asked for, open in print.
    case details(summary: Prose, anchor: String?, blocks: [Block])
  }
}

/// Whether a target is met: three-valued, because too little data is not a "yes".
public struct Verdict: Hashable, Sendable {
  public enum State: String, Hashable, Sendable {
    case met, missed, unknown
  }

  /// The target: `95 % of the calls below 100 ms`.
  public var target: String
  public var state: State
  /// What was measured.
  public var value: Quantity?
  public var previous: Quantity?
  /// Why, and for an unknown: what would tell.
  public var reason: Prose

  public init(target: String, state: State, value: Quantity?, previous: Quantity? = nil, reason: Prose) {
    self.target = target
    self.state = state
    self.value = value
    self.previous = previous
    self.reason = reason
  }
}

/// A number that matters, with the same number of the window before.
public struct Figure: Hashable, Sendable {
  /// Which direction is an improvement.
  public enum Better: Hashable, Sendable { case lower, higher, neither }

  public var label: String
  public var value: Quantity
  public var previous: Quantity?
  public var better: Better
  /// A few words under the number.
  public var note: String?

  public init(
    _ label: String, _ value: Quantity, previous: Quantity? = nil, better: Better = .neither, note: String? = nil
  ) {
    self.label = label
    self.value = value
    self.previous = previous
    self.better = better
    self.note = note
  }
}

/// How a number moved from one window to the next: in words, an arrow and a tone.
public struct Movement: Hashable, Sendable {
  public var text: String
  public var tone: Tone

  /// Nil where there is nothing to compare with. Changes under `still` (2 %) count as none.
  public init?(from previous: Quantity?, to value: Quantity, better: Figure.Better, still: Double = 0.02) {
    guard let previous, previous.value.isFinite, value.value.isFinite, previous.value > 0 else { return nil }
    let change = value.value / previous.value - 1
    guard abs(change) >= still else {
      text = "→ as before"
      tone = .faint
      return
    }
    text = (change > 0 ? "▲ " : "▼ ") + Quantity.change(change).description
    switch better {
    case .lower: tone = change > 0 ? .warning : .good
    case .higher: tone = change > 0 ? .good : .warning
    case .neither: tone = .plain
    }
  }
}

/// Text in a fixed-width face with a name and a button that copies it.
public struct CodeBlock: Hashable, Sendable {
  public var title: String?
  public var language: String
  public var text: String

  public init(_ text: String, language: String = "sql", title: String? = nil) {
    self.text = text
    self.language = language
    self.title = title
  }
}

/// Names of places in a document.
public enum Anchor {
  /// GitHub's slug of a heading: lower case, blanks become hyphens, punctuation goes.
  public static func slug(_ title: String) -> String {
    String(
      title.lowercased().compactMap { character -> Character? in
        if character == " " { return "-" }
        return character.isLetter || character.isNumber || character == "-" || character == "_" ? character : nil
      })
  }
}

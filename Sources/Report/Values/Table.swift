/// A table as a value: what is shown, apart from how. `TextTable`, `MarkdownTable`, `CSVTable` and the HTML report
/// render the same table.
public struct Table: Hashable, Sendable {
  public struct Column: Hashable, Sendable {
    public enum Alignment: Hashable, Sendable { case leading, trailing }
    /// What a column does when the table is wider than the terminal.
    public enum Width: Hashable, Sendable {
      /// As wide as its widest cell: numbers and short names.
      case content
      /// Shrinks to `minimum` characters and wraps to at most `lines` lines, ending in `…` where that is not enough;
      /// nil is as many lines as the text needs.
      case flexible(minimum: Int, lines: Int?)
    }

    public var title: String
    public var alignment: Alignment
    public var width: Width
    /// A sentence that says what the column is, shown where there is room for it (HTML).
    public var explanation: String?

    public init(_ title: String, _ alignment: Alignment, width: Width = .content, explanation: String? = nil) {
      self.title = title
      self.alignment = alignment
      self.width = width
      self.explanation = explanation
    }

    /// A column of numbers, aligned right.
    public static func number(_ title: String, explanation: String? = nil) -> Column {
      Column(title, .trailing, explanation: explanation)
    }
    /// A column of short texts that keep their width.
    public static func text(_ title: String, explanation: String? = nil) -> Column {
      Column(title, .leading, explanation: explanation)
    }
    /// The column that gives way: statements, definitions, sentences.
    public static func flexible(
      _ title: String, minimum: Int = 20, lines: Int? = nil, explanation: String? = nil
    ) -> Column {
      Column(title, .leading, width: .flexible(minimum: minimum, lines: lines), explanation: explanation)
    }
  }

  public var columns: [Column]
  /// Each row has one cell for each column; a shorter row is filled with empty cells.
  public var rows: [[Cell]]

  public init(_ columns: [Column], rows: [[Cell]] = []) {
    self.columns = columns
    self.rows = rows
  }

  public mutating func add(_ row: [Cell]) { rows.append(row) }
  public var isEmpty: Bool { rows.isEmpty }

  func cell(_ row: Int, _ column: Int) -> Cell {
    column < rows[row].count ? rows[row][column] : .nothing
  }
}

/// One cell of a table.
public struct Cell: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  public enum Content: Hashable, Sendable {
    case text(String)
    /// SQL, a name from the catalog, a command: shown in a fixed-width face.
    case code(String)
    case quantity(Quantity)
    /// A short series over time, oldest first; nil is a gap.
    case trend([Double?])
    /// Nothing to show: not known, not applicable.
    case nothing
  }

  public var content: Content
  public var tone: Tone
  /// The anchor of the place in the same document that tells more; only documents show it.
  public var link: String?

  public init(_ content: Content, tone: Tone = .plain, link: String? = nil) {
    self.content = content
    self.tone = tone
    self.link = link
  }

  /// The same cell, leading to `anchor`.
  public func linked(to anchor: String?) -> Cell { Cell(content, tone: tone, link: anchor) }

  public init(stringLiteral value: String) { self.init(.text(value)) }

  public static func text(_ text: String, tone: Tone = .plain) -> Cell { Cell(.text(text), tone: tone) }
  public static func code(_ text: String, tone: Tone = .plain) -> Cell { Cell(.code(text), tone: tone) }
  public static func quantity(_ quantity: Quantity, tone: Tone = .plain) -> Cell {
    Cell(.quantity(quantity), tone: tone)
  }
  /// The quantity, or nothing where it is not known.
  public static func quantity(_ quantity: Quantity?, tone: Tone = .plain) -> Cell {
    quantity.map { Cell(.quantity($0), tone: tone) } ?? .nothing
  }
  public static func milliseconds(_ value: Double, tone: Tone = .plain) -> Cell {
    Cell(.quantity(.milliseconds(value)), tone: tone)
  }
  public static func bytes(_ value: some BinaryInteger, tone: Tone = .plain) -> Cell {
    Cell(.quantity(.bytes(value)), tone: tone)
  }
  public static func count(_ value: some BinaryInteger, tone: Tone = .plain) -> Cell {
    Cell(.quantity(.count(value)), tone: tone)
  }
  public static func fraction(_ value: Double, tone: Tone = .plain) -> Cell {
    Cell(.quantity(.fraction(value)), tone: tone)
  }
  public static func trend(_ values: [Double?]) -> Cell { Cell(.trend(values)) }
  public static let nothing = Cell(.nothing)

  /// The cell as plain text; `–` where there is nothing to show.
  public var plainText: String {
    switch content {
    case .text(let text), .code(let text): text
    case .quantity(let quantity): quantity.description
    case .trend(let values): Sparkline.text(values, width: 24)
    case .nothing: "–"
    }
  }
}

/// What a piece of output means to its reader; how it looks is the renderer's choice, and never by colour alone.
public enum Tone: Hashable, Sendable {
  case plain
  /// Stands out.
  case strong
  /// Stands back: notes, what is usual.
  case faint
  case good
  case warning
  case critical
}

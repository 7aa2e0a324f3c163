/// What is known of the longest (or, with the order turned, the shortest) duration of an entry in a window, when the
/// server only tells the extreme of the entry's whole life.
///
/// A life's extreme that moved inside the window is the window's own; one that did not move bounds the window but is not
/// of it. Windows are joined with `followed(by:)`, which is associative, so any grouping gives the same answer.
public enum WindowExtremum: Hashable, Sendable {
  /// Not known: nothing in the window exceeded what was seen before it.
  case withinEarlier
  /// The life's extreme moved to this: it is the window's, and exceeds everything earlier in that life.
  case moved(Int64)
  /// The life began in the window: this is its extreme, and nothing is known to be missing.
  case began(Int64)
  /// A life's unseen end, bounded by what was seen before the window, followed by a part with this extreme.
  case partly(Int64)

  /// The window's extreme in nanoseconds, where it is known.
  public var known: Int64? {
    switch self {
    case .moved(let value), .began(let value): value
    case .withinEarlier, .partly: nil
    }
  }

  public var value: Int64? {
    switch self {
    case .withinEarlier: nil
    case .moved(let value), .began(let value), .partly(let value): value
    }
  }

  /// This window and the next one taken together. `more` picks the more extreme of two values: `max` or `min`.
  public func followed(by next: WindowExtremum, _ more: (Int64, Int64) -> Int64) -> WindowExtremum {
    switch (self, next) {
    case (_, .withinEarlier): self
    case (.withinEarlier, .moved): next
    case (.withinEarlier, .began(let b)), (.withinEarlier, .partly(let b)): .partly(b)
    case (.moved(let a), .moved(let b)), (.moved(let a), .began(let b)), (.moved(let a), .partly(let b)):
      .moved(more(a, b))
    case (.began(let a), .moved(let b)), (.began(let a), .began(let b)), (.began(let a), .partly(let b)):
      .began(more(a, b))
    case (.partly(let a), .moved(let b)), (.partly(let a), .began(let b)), (.partly(let a), .partly(let b)):
      .partly(more(a, b))
    }
  }
}

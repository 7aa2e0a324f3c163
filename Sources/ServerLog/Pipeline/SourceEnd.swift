/// What the end of a source's bytes means for what stands last in it.
public enum SourceEnd: Sendable, Equatable {
  /// The log is being written at this moment: its last entry may go on, and is left for the next reading. (Only stderr
  /// cannot tell by itself where an entry ends: its DETAIL and STATEMENT lines follow it.)
  case open
  /// Every entry is whole, and nothing more is known to come: what waits for another entry is counted as far as it can
  /// be, and corrected should the entry come after all.
  case rest
  /// Nothing can follow: a last line without a newline is whole as well.
  case closed
}

/// How far the adviser is.
public struct AdvisorProgress: Hashable, Sendable {
  public enum Phase: String, Hashable, Sendable {
    case readingStatements, planningNow, exploring, combining, selecting, verifying, checkingDrops
  }

  public var phase: Phase
  public var done: Int
  public var total: Int
}

public import Model

/// A document that is not a plan, or a plan that is broken.
public struct PlanError: UserError, Hashable {
  public enum Reason: Hashable, Sendable {
    /// Nothing but white space.
    case empty
    /// No plan in any format.
    case notAPlan
    /// A plan that stops being one at the place named.
    case malformed(String)
  }

  public var reason: Reason
  /// Where, counted from 1; nil where there is no place.
  public var line: Int?
  /// Where, counted from 0.
  public var byte: Int?

  public init(_ reason: Reason, line: Int? = nil, byte: Int? = nil) {
    self.reason = reason
    self.line = line
    self.byte = byte
  }

  public var sentence: String {
    let place = line.map { line in "line \(line)" + (byte.map { ", byte \($0)" } ?? "") + ": " } ?? ""
    return switch reason {
    case .empty: "the input is empty; give the output of EXPLAIN in any format"
    case .notAPlan:
      place + "not the output of EXPLAIN; give a plan in text, JSON, XML or YAML, as psql prints it or a log holds it"
    case .malformed(let what): place + "the plan is broken: " + what
    }
  }
}

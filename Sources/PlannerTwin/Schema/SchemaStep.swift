/// One object of production's schema as SQL for the twin.
struct SchemaStep {
  /// What is made, for people: `table public.orders`.
  var object: String
  /// One statement each. They run in order; the first that fails ends the step.
  var statements: [String]
  /// Run instead when `statements` fail for good: the same object made simpler.
  var fallback: Fallback?
  /// Objects that the planner does not need, so that their absence is not worth a line.
  var isOptional = false

  struct Fallback {
    var statements: [String]
    /// What is lost.
    var note: String
  }

  init(
    _ object: String, _ statements: [String], fallback: Fallback? = nil, isOptional: Bool = false
  ) {
    self.object = object
    self.statements = statements
    self.fallback = fallback
    self.isOptional = isOptional
  }
}

/// An object that is not in the twin, or not as it is in production.
public struct LeftOut: Hashable, Sendable {
  /// `table public.orders`, `extension dblink`.
  public var object: String
  public var reason: String

  public init(object: String, reason: String) {
    self.object = object
    self.reason = reason
  }
}

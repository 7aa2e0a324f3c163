/// One object of production's schema as SQL for the twin.
struct SchemaStep {
  /// What is made, for people: `table public.orders`.
  var object: String
  /// One statement each. They run in order; the first that fails ends the step.
  var statements: [String]
  /// Run instead when `statements` fail for good: the same object made simpler.
  var fallback: Fallback?
  /// By what a statement would speak of it, without its schema: a table for its constraints and indexes.
  var name: String?

  struct Fallback {
    var statements: [String]
    /// What is lost.
    var note: String
  }

  init(_ object: String, _ statements: [String], fallback: Fallback? = nil, name: String? = nil) {
    self.object = object
    self.statements = statements
    self.fallback = fallback
    self.name = name
  }
}

/// An object that is not in the twin, or not as it is in production.
public struct LeftOut: Hashable, Sendable {
  /// `table public.orders`, `extension dblink`.
  public var object: String
  public var reason: String
  /// By what a statement would speak of it, without its schema; nil where statements do not name such a thing.
  public var name: String?

  public init(object: String, reason: String, name: String? = nil) {
    self.object = object
    self.reason = reason
    self.name = name
  }
}

extension PlannerTwin.Report {
  /// What a statement names and the twin does not have, or not as production has it: by the words of its text, so that a
  /// column of the same name counts, too, and through the views and partitioned tables that it names.
  public func leftOut(affecting sql: String) -> [LeftOut] {
    guard leftOut.contains(where: { $0.name != nil }) else { return [] }
    var words = SQLScript.names(in: sql)
    for word in words { words.formUnion(reach[word] ?? []) }
    return leftOut.filter { $0.name.map(words.contains) ?? false }
  }
}

public import Model

/// One object of production's schema as SQL for the twin.
struct SchemaStep {
  /// What is made, for people: `table public.orders`.
  var object: String
  /// One statement each. They run in order; the first that fails ends the step.
  var statements: [String]
  /// Run instead when `statements` fail for good: the same object made simpler.
  var fallback: Fallback?
  /// What a statement would speak of: a table for its constraints and indexes.
  var name: RelationName?

  struct Fallback {
    var statements: [String]
    /// What is lost.
    var note: String
  }

  init(_ object: String, _ statements: [String], fallback: Fallback? = nil, name: RelationName? = nil) {
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
  /// What a statement would speak of; nil where statements do not name such a thing.
  public var name: RelationName?

  public init(object: String, reason: String, name: RelationName? = nil) {
    self.object = object
    self.reason = reason
    self.name = name
  }
}

extension PlannerTwin.Report {
  /// What a statement names and the twin does not have, or not as production has it: itself, or through the views,
  /// partitioned tables, functions in SQL and policies of what it names. A name without a schema is looked for along the
  /// search path; a column that is written without its table counts, too, where it has such a name.
  public func leftOut(affecting sql: String) -> [LeftOut] {
    guard leftOut.contains(where: { $0.name != nil }) else { return [] }
    let objects = reach.objects(namedIn: sql)
    return leftOut.filter { $0.name.map(objects.contains) ?? false }
  }
}

import Testing

/// A schema with rows, and statements whose plans on it and on its twin must be equal to the last digit.
struct PlannerCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// Major versions from this one on know all that is in it.
  var since = 13
  /// Needs what a bare build of the server does not have: ICU, contrib.
  var needsContrib = false
  var schema: String
  /// Run when everything is analyzed.
  var afterwards: String?
  /// A tablespace whose pages cost more, by its name.
  var tablespace: String?
  var queries: [String]
  /// As whom the statements are planned, on both sides.
  var role: String?
  /// What the twin may say that it does not have; each is looked for in one object's name.
  var leftOut: [String] = []

  var testDescription: String { name }
}

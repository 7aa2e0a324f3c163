/// The query of a section in its two forms: as JSON objects, which psql writes as they are, and as plain columns, which
/// cost the server less than half of that and are made the same objects here (`RowJSON`).
struct SectionQuery: Sendable, Hashable {
  /// The value of `section` in every row.
  var section: String
  /// Common table expressions.
  var with: String?
  /// What follows SELECT.
  var select: String
  /// The query to run for plain columns where it is another one: arrays of objects that would cost the server much are
  /// columns of their own, which `RowJSON` puts together (`slots.1.kind`).
  var spread: String?

  private var head: String { with.map { "WITH " + $0 + " " } ?? "" }

  /// One column: each row as a JSON object that is led by the section's name.
  var json: String {
    head + "SELECT pg_catalog.row_to_json(r) FROM (SELECT '\(section)' AS section, " + select + ") r"
  }

  /// The columns without the section's name.
  var plain: String { spread ?? rows }

  /// What is selected, as it stands: of a generator the queries that psql runs.
  var rows: String { head + "SELECT " + select }

  /// The same query with its text changed.
  func edited(_ edit: (String) -> String) -> SectionQuery {
    SectionQuery(section: section, with: with.map(edit), select: edit(select), spread: spread.map(edit))
  }
}

/// Whose rows a query gives: every relation's, or those of the relations and indexes in the array that is its first
/// parameter.
enum Among: Sendable {
  case all, chosen

  /// A condition to end a WHERE clause with.
  func callAsFunction(_ oid: String) -> String {
    switch self {
    case .all: ""
    case .chosen: " AND \(oid) = ANY ($1::pg_catalog.oid[])"
    }
  }
}

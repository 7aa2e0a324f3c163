import Model
import Testing

@Suite struct IdentifierTests {
  @Test(arguments: [
    ("orders", "orders"), ("Orders", "\"Orders\""), ("order", "\"order\""), ("a\"b", "\"a\"\"b\""),
    ("größe", "\"größe\""), ("1st", "\"1st\""), ("", "\"\""), ("_x1", "_x1"),
  ])
  func identifiersAreQuotedLikeQuoteIdent(name: String, sql: String) {
    #expect(SQLSpelling.identifier(name) == sql)
  }

  @Test(arguments: [("it's", "'it''s'"), ("a\\b", "E'a\\\\b'"), ("", "''")])
  func literals(text: String, sql: String) {
    #expect(SQLSpelling.literal(text) == sql)
  }

  @Test func aTimestampPrintsAsISO8601() {
    #expect(Timestamp(microseconds: 0).description == "1970-01-01T00:00:00Z")
    #expect(Timestamp(microseconds: 1_773_065_133_123_456).description == "2026-03-09T14:05:33.123456Z")
    #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    #expect(Timestamp(microseconds: -1).minute == -1)
  }

  @Test func anIndexWritesItsStatement() {
    let index = IndexDefinition(
      table: RelationName(schema: "public", name: "Orders"),
      keys: [.column("customer_id"), Key(.column("at"), descending: true, nullsFirst: false), .expression("lower(x)")],
      included: ["total"], predicate: "deleted_at IS NULL", parameters: ["fillfactor": "70"])
    #expect(
      index.createStatement(name: "i", concurrently: true)
        == "CREATE INDEX CONCURRENTLY i ON public.\"Orders\" USING btree "
        + "(customer_id, at DESC NULLS LAST, (lower(x))) INCLUDE (total) WITH (fillfactor = 70) WHERE deleted_at IS NULL"
    )
    #expect(Key(.column("a"), descending: true, nullsFirst: true) == .column("a", descending: true))
  }

  typealias Key = IndexDefinition.Key
}

import Model
import Testing

@testable import SQLText

@Suite struct StatementAnalyzerTests {
  static let tables: [String: [String]] = [
    "orders": ["id", "customer_id", "status", "total", "created_at", "deleted_at", "paid"],
    "customers": ["id", "email", "name", "country"],
    "items": ["id", "order_id", "product_id", "quantity"],
    "open_orders": ["order_id", "customer", "created_at"],
  ]
  let analyzer = StatementAnalyzer(
    columns: { tables[$0.name] },
    view: { $0.name == "open_orders" ? "select id, customer_id, created_at from orders where status = 'open'" : nil })

  /// The uses in a notation that reads at a glance.
  func describe(_ sql: String) throws -> [String] {
    try analyzer.analyze(sql).uses.map { use in
      var parts: [String] = [use.alias == use.relation.name ? use.alias : "\(use.relation.name) \(use.alias)"]
      parts += use.conditions.map(condition)
      parts += use.disjunctions.map {
        "(" + $0.branches.map { $0.map(condition).joined(separator: " & ") }.joined(separator: " | ") + ")"
      }
      parts += use.joins.map { "\(subject($0.subject)) = #\($0.other).\(subject($0.otherSubject))" }
      parts += use.orders.map { order in
        "order "
          + order.keys.map { key in
            subject(key.subject) + (key.descending ? " desc" : "")
              + (key.nullsFirst.map { $0 ? " nulls first" : " nulls last" } ?? "")
          }.joined(separator: ",") + (order.isComplete ? "" : "…") + (order.hasLimit ? " limit" : "")
      }
      parts += use.groupings.map { "group " + $0.map(subject).joined(separator: ",") }
      if let write = use.write { parts.append("\(write)") }
      return parts.joined(separator: "; ")
    }
  }
  func subject(_ subject: IndexSubject) -> String {
    switch subject {
    case .column(let name): name
    case .expression(let sql, _): "{" + sql + "}"
    }
  }
  func condition(_ condition: Condition) -> String {
    condition.subjects.map(subject).joined(separator: ",") + " \(condition.comparison) " + operand(condition.operand)
  }
  func operand(_ operand: Condition.Operand) -> String {
    switch operand {
    case .none: ""
    case .constant(let sql): sql
    case .parameter(let number): "$\(number)"
    case .list(let list): "[" + list.map(self.operand).joined(separator: " ") + "]"
    case .expression: "?"
    }
  }

  @Test(arguments: [
    (
      "select * from orders where customer_id = 7 and status in ('a', 'b') order by created_at desc limit 5",
      ["orders; customer_id equal 7; status oneOf(2) ['a' 'b']; order created_at desc limit"]
    ),
    (
      "select * from orders o where total > -5 and 10 >= o.total and created_at between $1 and now()",
      ["orders o; total greater -5; total lessOrEqual 10; created_at between [$1 ?]"]
    ),
    (
      "select * from orders where not paid and deleted_at is null and status <> 'x'",
      ["orders; paid isFalse ; deleted_at isNull ; status notEqual 'x'"]
    ),
    (
      "select name from orders join customers c on c.id = customer_id where lower(email) = 'x' and country = 'de'",
      ["orders; customer_id = #1.id", "customers c; {lower(email)} equal 'x'; country equal 'de'; id = #0.customer_id"]
    ),
    (
      "select * from orders where (created_at, id) < ($1, $2) order by created_at desc, id desc nulls last limit 10",
      ["orders; created_at,id less ?; order created_at desc,id desc nulls last limit"]
    ),
    (
      "select * from orders where status = 'a' or customer_id = 1 or (status = 'b' and total > 3)",
      ["orders; (status equal 'a' | customer_id equal 1 | status equal 'b' & total greater 3)"]
    ),
    (
      "select * from orders o, customers c where (o.customer_id = c.id and c.country = 'a' and o.total < 1) or (c.id = o.customer_id and c.country = 'b' and o.total < 1)",
      [
        "orders o; total less 1; customer_id = #1.id",
        "customers c; (country equal 'a' | country equal 'b'); id = #0.customer_id",
      ]
    ),
    (
      "select * from customers c where exists (select 1 from orders where customer_id = c.id and status = 'open')",
      ["customers c; id = #1.customer_id", "orders; status equal 'open'; customer_id = #0.id"]
    ),
    (
      "select * from customers where id in (select customer_id from orders where total > 5)",
      ["customers; id = #1.customer_id", "orders; total greater 5; customer_id = #0.id"]
    ),
    (
      "with c as (select id as cid, email from customers) select * from c join orders o on o.customer_id = c.cid where c.email = 'x'",
      ["customers; email equal 'x'; id = #1.customer_id", "orders o; customer_id = #0.id"]
    ),
    (
      "select * from open_orders where customer = 3 order by created_at",
      ["orders; status equal 'open'; customer_id equal 3; order created_at"]
    ),
    ("select status, count(*) from orders group by 1 order by count(*) desc limit 3", ["orders; group status"]),
    ("select distinct customer_id, status from orders", ["orders; group customer_id,status"]),
    (
      "select max(created_at) from orders where customer_id = any($1)",
      ["orders; customer_id oneOf(0) $1; order created_at limit"]
    ),
    (
      "select row_number() over (partition by customer_id order by created_at desc) from orders",
      ["orders; order customer_id,created_at desc"]
    ),
    (
      "select * from orders o join items i on i.order_id = o.id order by o.created_at, i.id limit 5",
      ["orders o; id = #1.order_id; order created_at… limit", "items i; order_id = #0.id"]
    ),
    ("select * from orders join items i using (id)", ["orders; id = #1.id", "items i; id = #0.id"]),
    (
      "update orders set total = total + 1, status = 'x' where id = 4",
      ["orders; id equal 4; update([\"status\", \"total\"])"]
    ),
    (
      "delete from items using orders o where o.id = order_id and o.status = 'x'",
      ["items; order_id = #1.id; delete", "orders o; status equal 'x'; id = #0.order_id"]
    ),
    (
      "insert into items (id, order_id) select 1, id from orders where status = 'n'",
      ["items; insert", "orders; status equal 'n'"]
    ),
    (
      "insert into items values (1) on conflict (id) do update set quantity = excluded.quantity",
      ["items; insertOrUpdate([\"quantity\"])"]
    ),
    (
      "merge into items i using orders o on i.order_id = o.id when matched then update set quantity = 1",
      ["items i; order_id = #1.id; insertOrUpdate([\"quantity\"])", "orders o; id = #0.order_id"]
    ),
    (
      "with gone as (delete from orders where status = 'x' returning id) select * from gone",
      ["orders; status equal 'x'; delete"]
    ),
    (
      "select * from orders where created_at::date = date '2020-01-01' and coalesce(status, 'a') = 'b' and status like 'x%' and total @> '{1}'",
      [
        "orders; {created_at::date} equal '2020-01-01'::date; {COALESCE(status, 'a')} equal 'b'; status like 'x%'; total other(\"@>\") '{1}'"
      ]
    ),
    (
      "select * from orders a, orders b where a.id = b.customer_id and a.total = b.total + 1 and a.status = 'q'",
      [
        "orders a; status equal 'q'; id = #1.customer_id; total = #1.{total + 1}",
        "orders b; customer_id = #0.id; {total + 1} = #0.total",
      ]
    ),
    (
      "select * from (select * from orders) q where q.status = 'z' and unknown_column = 1", ["orders; status equal 'z'"]
    ),
    (
      "select * from orders where (customer_id, status) in ((1, 'a'), (2, 'b'))",
      ["orders; customer_id,status oneOf(2) ?"]
    ),
    ("select * from orders limit null", ["orders"]),
    (
      "with recursive r as (select id from orders where status = 's' union all select i.id from items i join r on r.id = i.order_id) select * from r where id = 1",
      ["orders; status equal 's'", "items i"]
    ),
  ])
  func `statements are taken apart`(sql: String, expected: [String]) throws {
    #expect(try describe(sql) == expected)
  }

  @Test func `referenced columns are the ones an index-only scan would need`() throws {
    let uses = try analyzer.analyze(
      "select o.total, c.name from orders o join customers c on c.id = o.customer_id where o.status = 'x' order by o.created_at"
    ).uses
    #expect(uses[0].referenced == ["created_at", "customer_id", "status", "total"])
    #expect(uses[1].referenced == ["id", "name"])
    #expect(!uses[0].referencesWholeRow)
    #expect(
      try analyzer.analyze("select o.*, name from orders o, customers").uses.map(\.referencesWholeRow) == [true, false])
    #expect(try analyzer.analyze("select o from orders o").uses[0].referencesWholeRow)
    #expect(try !analyzer.analyze("select count(*) from orders").uses[0].referencesWholeRow)
  }

  @Test func `what is not one query is refused`() {
    #expect(throws: AnalysisError.notOneQuery) { try analyzer.analyze("vacuum") }
    #expect(throws: AnalysisError.notOneQuery) { try analyzer.analyze("select 1; select 2") }
    #expect(throws: AnalysisError.self) { try analyzer.analyze("select from where") }
    #expect(throws: AnalysisError.tooDeep) {
      try analyzer.analyze("select 1" + String(repeating: "+ id", count: 5_000) + " from orders")
    }
    #expect(throws: AnalysisError.tooLarge(bytes: 300_007)) {
      try analyzer.analyze("select " + String(repeating: "1", count: 300_000))
    }
  }

  @Test func `the corpus and its mutations are analysed without a crash`() {
    var random = SplitMix(state: 5)
    for round in 0..<3_000 {
      var text = Corpus.queries[round % Corpus.queries.count]
      if round >= Corpus.queries.count {
        let a = text.index(text.startIndex, offsetBy: Int.random(in: 0..<text.count, using: &random))
        let b = text.index(text.startIndex, offsetBy: Int.random(in: 0..<text.count, using: &random))
        let words = ["orders", "and", "or", "not", "null", "(select id from orders)", ",", "order by 1", "*", "-1"]
        text.replaceSubrange(
          min(a, b)..<min(max(a, b), text.index(min(a, b), offsetBy: 3, limitedBy: text.endIndex) ?? text.endIndex),
          with: words.randomElement(using: &random) ?? "")
      }
      _ = try? analyzer.analyze(text)
    }
  }
}

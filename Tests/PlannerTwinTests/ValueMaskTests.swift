import PlannerTwin
import Testing

@Suite struct ValueMaskTests {
  @Test func `values go out of expressions, and names, figures and what the user wrote stay`() {
    let mask = ValueMask(
      text: "SELECT * FROM t5 WHERE a = $1 AND b = 'mine' AND c > 7 AND d = $2 AND e LIKE $3",
      planned:
        "SELECT * FROM t5 WHERE a = 5 AND b = 'mine' AND c > 7 AND d = 'it''s' AND e LIKE 'ab%'", values: [:])
    let document = """
      [{"Plan": {"Node Type": "Index Scan", "Index Name": "i 5 'it''s'", "Total Cost": 5.5, "Alias": "t5_5",
        "Index Cond": "((a = 5) AND (a5 = 55) AND (b = 'mine'::text) AND (c > '7'::numeric(10,5)))",
        "Filter": "((d = 'it''s'::\\"5\\") AND (a = '-5'::integer) AND (e >= 'ab'::text) AND (SubPlan 5))",
        "Sort Key": ["(a + 5)", "x.a5"]}}]
      """
    #expect(
      mask.masking(document: document) == """
        [{"Plan": {"Node Type": "Index Scan", "Index Name": "i 5 'it''s'", "Total Cost": 5.5, "Alias": "t5_5",
          "Index Cond": "((a = $1) AND (a5 = …) AND (b = 'mine'::text) AND (c > '7'::numeric(10,5)))",
          "Filter": "((d = $2::\\"5\\") AND (a = $1::integer) AND (e >= …::text) AND (SubPlan 5))",
          "Sort Key": ["(a + $1)", "x.a5"]}}]
        """)
    #expect(mask.masking(message: "invalid input: \"it's\" and \"50\"") == "invalid input: $2 and \"50\"")
  }

  @Test func `drawn values and lists of them go by their placeholders' numbers`() {
    let mask = ValueMask(
      text: "SELECT * FROM t WHERE a IN ($1, $2, 9) AND b = $3",
      planned: "SELECT * FROM t WHERE a IN ($1, $2, 9) AND b = $3",
      values: [1: "11", 2: "12", 3: "E\\x"])
    #expect(mask.masking(expression: "(a = ANY ('{11,12,9}'::integer[]))") == "(a = ANY ('{$1,$2,9}'::integer[]))")
    #expect(mask.masking(expression: #"(b = E'E\\x'::text)"#) == "(b = $3::text)")
  }
}

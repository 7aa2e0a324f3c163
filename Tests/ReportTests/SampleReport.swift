import Findings
import Model
import Report

/// A report with every section filled, hostile texts among them. Invented by a formula, so that it is the same always.
enum SampleReport {
  static let hostile = "select '</script><script>alert(1)</script>', \"a&b\" <> '\u{202E}x' -- ` | \u{1B}[31m"

  static let report: WeeklyReport = {
    let from = Timestamp(seconds: 1_772_409_600)
    let week = Microseconds(7 * 86_400 * 1_000_000)
    let window = ReportWindow(from: from, to: from + week)
    let previous = ReportWindow(from: Timestamp(seconds: 1_772_409_600 - 7 * 86_400), to: from)
    var report = WeeklyReport(
      title: "PostgreSQL weekly report", subject: "shop on db1.example", generator: "pgassay 0.1.0",
      serverVersion: ServerVersion(number: 150_020), window: window, previous: previous, targetMs: 100)
    report.targets = [
      Verdict(
        target: "95 % of all calls below 100 ms", state: .met, value: .milliseconds(21.4),
        previous: .milliseconds(24.8), reason: "The logs hold every call of 168 hours."),
      Verdict(
        target: "95 % of each query's calls below 100 ms", state: .missed, value: .count(3), previous: .count(2),
        reason:
          "3 of 42 queries miss it; \(link: "the worst", to: "query-" + fingerprint(0).description) has a p95 of 412 ms."
      ),
      Verdict(
        target: "Replication lag below 1 s", state: .unknown, value: nil,
        reason: "No snapshot saw a replica. \(code: "pgassay capture") on the primary records the lag."),
    ]
    report.quality = DataQuality(
      sources: [
        .init(
          name: "postgresql-2026-03-02.log.gz", format: "stderr \"%m [%p] %q%u@%d \"", entries: 12_345_678,
          skipped: ["lines cut by the disk filling up": 3, "unknown prefix": 12], first: from,
          last: from + Microseconds(86_399_000_000)),
        .init(
          name: "statements.json", format: "pg_stat_statements 1.10", entries: 4_410, skipped: [:], first: from,
          last: window.to),
      ],
      notes: [
        .init(
          .warning,
          "\(code: "pg_stat_statements") evicted 214 entries on 4 March: sums of rare queries are lower bounds."),
        .init(.good, "The logs are complete: no gap in the line numbers of any session."),
      ])
    func wave(_ index: Int, _ scale: Double, _ shift: Double = 0) -> Double {
      let hour = Double((index + Int(shift)) % 24)
      let day = 1 - 0.35 * Double((index / 24) % 7 >= 5 ? 1 : 0)
      let bump = max(0, 1 - abs(hour - 13) / 9)
      return scale * day * (0.15 + bump * bump) * (1 + 0.08 * Double((index * 7919) % 13 - 6) / 6)
    }
    report.load = LoadReport(
      numbers: CallNumbers(
        calls: 48_211_934, errors: 1_204, totalMs: 213_456_789, p50Ms: 0.42, p95Ms: 21.4, p99Ms: 184, maxMs: 41_220),
      previousNumbers: CallNumbers(
        calls: 46_911_201, errors: 988, totalMs: 231_999_100, p50Ms: 0.44, p95Ms: 24.8, p99Ms: 201, maxMs: 38_877),
      stepSeconds: 3_600,
      steps: (0..<168).map { index in
        (70..<73).contains(index)
          ? nil
          : .init(
            at: from + Microseconds(Int64(index) * 3_600_000_000), calls: Int64(wave(index, 800_000)),
            totalMs: wave(index, 3_600_000), errors: Int64(index % 11), p95Ms: 14 + wave(index, 96))
      },
      previousSteps: (0..<168).map { index in
        .init(
          at: previous.from + Microseconds(Int64(index) * 3_600_000_000), calls: Int64(wave(index, 760_000, 1)),
          totalMs: wave(index, 3_900_000, 1), p95Ms: 18 + wave(index, 88, 1))
      },
      server: [
        Figure("Buffer cache hits", .fraction(0.9931), previous: .fraction(0.9917), better: .higher),
        Figure("Temporary files", .bytes(18_253_611_008), previous: .bytes(12_884_901_888), better: .lower),
        Figure("WAL a day", .bytes(3_865_470_566), previous: .bytes(3_900_000_000), better: .lower),
        Figure("Checkpoints asked for", .fraction(0.12), previous: .fraction(0.31), better: .lower),
      ])
    let texts = [
      "SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id LEFT JOIN addresses a ON a.id = o.address_id WHERE o.tenant_id = $1 AND o.status = $2 AND o.created_at > $3 ORDER BY o.created_at DESC, o.id LIMIT $4",
      "SELECT id, name FROM products WHERE attributes @> $1",
      "UPDATE work_queue SET state = $1, locked_by = $2 WHERE id = (SELECT id FROM work_queue WHERE state = $3 ORDER BY priority DESC, id FOR UPDATE SKIP LOCKED LIMIT $4) RETURNING *",
      "SELECT * FROM customers WHERE lower(email) = $1",
      hostile,
      "SELECT date_trunc($1, created_at) AS day, count(*), sum(total) FROM orders WHERE tenant_id = $2 GROUP BY 1 ORDER BY 1",
      "INSERT INTO audit_log (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
      "SELECT * FROM order_items WHERE order_id = $1",
    ]
    let total = report.load.numbers.totalMs
    let planFinding = Finding(
      rule: "plan.sort-on-disk", subject: .query(fingerprint(0), database: "shop"),
      title: "Sort of 1,204,331 rows spills 212 MB to disk", severity: .warning,
      recoverable: RecoverableTime(734_000, low: 410_000, high: 980_000, per: .day),
      evidence: [
        .quantity("rows", "Rows sorted", 1_204_331, .rows), .quantity("disk", "Space on disk", 222_298_112, .bytes),
        .interval("work_mem", "work_mem needed", 310e6, 402e6, .bytes),
        .quantity("share", "Share of the plan's time", 0.71, .fraction),
        .excerpt(
          "plan", "Plan",
          [
            "Sort  (actual time=402.1..611.0 rows=1204331 loops=1)", "  Sort Method: external merge  Disk: 217088kB",
            "  ->  Seq Scan on orders o",
          ]),
      ],
      remedy: Remedy(
        "Give this query more memory for its sort, or let an index deliver the order.",
        sql: ["ALTER ROLE reporting SET work_mem = '384MB';"], rollback: ["ALTER ROLE reporting RESET work_mem;"],
        risk: "Each sort of each session of the role may take as much."),
      confidence: .estimated("The memory needed is computed from the spill's size; 14 logged plans agree."))
    report.queries = texts.enumerated().map { index, text in
      let share = 0.31 / Double(index + 1)
      let calls = Int64(9_000_000 / (index * index + 1))
      let mean = total * share / Double(calls)
      return QueryReport(
        fingerprint: fingerprint(index), text: text,
        kind: text.hasPrefix("UPDATE") ? .update : text.hasPrefix("INSERT") ? .insert : .select,
        relations: index == 0
          ? [
            .init(schema: "public", name: "orders"), .init(schema: "public", name: "customers"),
            .init(schema: "crm", name: "Addresses"),
          ]
          : [.init(schema: "public", name: "orders")],
        numbers: CallNumbers(
          calls: calls, errors: index == 2 ? 61 : 0, totalMs: total * share, p50Ms: mean * 0.6, p95Ms: mean * 4.1,
          p99Ms: mean * 9, maxMs: mean * 140, rows: calls * 12, isExact: index != 5),
        previous: index == 3
          ? nil : CallNumbers(calls: calls * 9 / 10, totalMs: total * share * 1.07, p95Ms: mean * 4.6),
        share: share, trend: (0..<168).map { (70..<73).contains($0) ? nil : wave($0, total * share / 60) },
        distribution: (0..<18).map { bucket in
          let lower = 0.5 * pow2(bucket)
          return .init(
            lower: lower, upper: lower * 2, count: Double(calls) * bell(Double(bucket) - 5 - Double(index % 4)))
        },
        origins: [
          .init(dimension: "application", name: "shop-web", calls: calls * 7 / 10),
          .init(dimension: "route", name: "/orders/<id>", calls: calls * 3 / 10),
        ],
        plans: index == 0
          ? [
            .init(
              shape: "1f00aa22bb33cc44", count: 3_120, meanMs: 9.2, last: window.to,
              outline: ["Limit", "Index Scan orders_tenant_created"]),
            .init(
              shape: "9e00aa22bb33cc44", count: 14, meanMs: 611, last: from,
              outline: ["Limit", "Sort", "Seq Scan orders"]),
          ] : [],
        findings: index == 0 ? [planFinding] : [])
    }
    report.queryCount = 42
    report.changes = QueryChanges(
      new: [.init(fingerprint: fingerprint(3), text: texts[3], now: report.queries[3].numbers, before: nil)],
      gone: [
        .init(
          fingerprint: fingerprint(30), text: "SELECT * FROM carts WHERE session = $1", now: nil,
          before: CallNumbers(calls: 91_233, totalMs: 210_000))
      ],
      regressed: [
        .init(
          fingerprint: fingerprint(0), text: texts[0], now: report.queries[0].numbers,
          before: CallNumbers(calls: 8_123_456, totalMs: total * 0.2),
          note: "its plan changed on 4 March; the whole server was 8 % faster")
      ],
      rule:
        "Changes of at least 10 % and 1 ms that stand out from the noise of single hours (false discovery rate 5 %).")
    report.advice = [
      IndexAdviceReport(
        summary: "orders (tenant_id, status, created_at DESC, id)",
        ddl: [
          "CREATE INDEX CONCURRENTLY orders_tenant_id_status_created_at_id_idx ON public.orders USING btree (tenant_id, status, created_at DESC, id);"
        ],
        rollback: ["DROP INDEX CONCURRENTLY public.orders_tenant_id_status_created_at_id_idx;"],
        size: .bytes(113_246_208).estimated(range: 104_857_600...121_634_816),
        gain: RecoverableTime(9_512_000, low: 7_000_000, high: 11_000_000, per: .day), upkeepMsPerDay: 41_000,
        beneficiaries: [
          .init(
            fingerprint: fingerprint(0), text: texts[0], calls: 9_000_000, costBefore: 48_211.4, costAfter: 8.71,
            savedMs: 61_200_000),
          .init(
            fingerprint: fingerprint(5), text: texts[5], calls: 346_153, costBefore: 61_002, costAfter: 31_877.2,
            savedMs: 5_384_000),
        ],
        reasons: [
          "Equality on tenant_id and status comes first, then the sort order of query " + fingerprint(0).description
            + "."
        ],
        confidence: .estimated("Costs are the planner's; the time saved is in proportion to them.")),
      IndexAdviceReport(
        summary: "customers (lower(email))",
        ddl: ["CREATE INDEX CONCURRENTLY customers_lower_idx ON public.customers USING btree (lower(email));"],
        rollback: ["DROP INDEX CONCURRENTLY public.customers_lower_idx;"], size: .bytes(22_020_096).estimated(),
        gain: RecoverableTime(2_100_000, per: .day),
        beneficiaries: [
          .init(
            fingerprint: fingerprint(3), text: texts[3], calls: 900_000, costBefore: 9_120, costAfter: 8.44,
            savedMs: 14_700_000)
        ],
        confidence: .estimated("Costs are the planner's.")),
    ]
    report.indexFindings = [
      Finding(
        rule: "index.duplicate",
        subject: .index(
          .init(schema: "public", name: "orders_customer_idx2"), on: .init(schema: "public", name: "orders"),
          database: "shop"),
        title: "Index orders_customer_idx2 duplicates orders_customer_idx", severity: .warning,
        evidence: [
          .quantity("size", "Size", 88_080_384, .bytes),
          .quantity("writes", "Writes it took part in", 12_334.5, .perDay),
        ],
        remedy: Remedy(
          "Drop it: the other index serves every query that it could.",
          sql: ["DROP INDEX CONCURRENTLY public.orders_customer_idx2;"],
          rollback: ["CREATE INDEX CONCURRENTLY orders_customer_idx2 ON public.orders USING btree (customer_id);"],
          risk: "None known."),
        confidence: .measured("Same table, keys, order, operator classes and predicate in the catalog."))
    ]
    report.tables = [
      TableReport(
        name: .init(schema: "public", name: "orders"), rows: 1_200_000, bytes: 214_000_000, indexBytes: 310_000_000,
        sequentialScans: 12_331, sequentialRows: 14_797_200_000, indexScans: 9_123_456, deadFraction: 0.24,
        hotFraction: 0.31, lastVacuum: from, lastAnalyze: from),
      TableReport(name: .init(schema: "audit", name: "log_2026_03"), rows: 310_000, bytes: 64_000_000),
    ]
    report.planFindings = [planFinding]
    report.repetitions = [
      RepetitionReport(
        fingerprint: fingerprint(7), text: texts[7], origin: "route='/orders'", transactions: 31_002,
        executions: 1_550_100, most: 212, totalMs: 612_000)
    ]
    report.events = [
      EventReport(category: .deadlock, sqlState: "40P01", shape: "deadlock detected", count: 4, previousCount: 0),
      EventReport(
        category: .error, sqlState: "23505", shape: "duplicate key value violates unique constraint \"…\"",
        count: 1_180, previousCount: 988, fingerprint: fingerprint(6)),
      EventReport(
        category: .temporaryFile, sqlState: "00000", shape: "temporary file", count: 412, previousCount: 290,
        amount: 18_253_611_008, fingerprint: fingerprint(0)),
      EventReport(
        category: .lockWait, sqlState: "00000",
        shape: "process … still waiting for ShareLock on transaction … after … ms", count: 31, amount: 61_233),
    ]
    report.safetyFindings = [
      Finding(
        rule: "server.sequence-exhaustion", subject: .table(.init(schema: "public", name: "events"), database: "shop"),
        title: "Sequence events_id_seq reaches the end of integer in 41 days", severity: .critical,
        evidence: [.quantity("used", "Used", 0.93, .fraction), .interval("days", "Days left", 36, 47, .days)],
        remedy: Remedy(
          "Change events.id to bigint before that.", sql: ["ALTER TABLE public.events ALTER COLUMN id TYPE bigint;"],
          risk: "Rewrites the table under an exclusive lock."),
        confidence: .estimated("The rate of the last two weeks goes on."))
    ]
    report.capacity = [
      Figure("Database size", .bytes(8_912_896_000), previous: .bytes(8_600_000_000), better: .lower),
      Figure("Growth a day", .bytes(44_700_000).estimated(range: 39_000_000...51_000_000)),
    ]
    return report
  }()

  static func fingerprint(_ index: Int) -> Fingerprint { Fingerprint(0x9E37_79B9_7F4A_7C15 &* UInt64(index + 1)) }
  private static func pow2(_ exponent: Int) -> Double { Double(1 << exponent) }
  private static func bell(_ x: Double) -> Double {
    max(0, (1 - x * x / 36) * (1 - x * x / 36) * (abs(x) < 6 ? 0.3 : 0)).rounded(.down, to: 6)
  }
}

extension Double {
  fileprivate func rounded(_ rule: FloatingPointRoundingRule, to digits: Int) -> Double {
    let scale = (0..<digits).reduce(1.0) { value, _ in value * 10 }
    return (self * scale).rounded(rule) / scale
  }
}

/// What was recorded, as the commands show it: a history fed by logs, and one fed by snapshots.
enum HistoryScenes {
  static let all: [GoldenScene] = [logs, snapshots, both, empty]

  private static let recorded = "Workloads/shop/recorded/week2/"
  private static let log = recorded + "postgresql.log.gz"
  private static let day = ["--from", "2026-03-10", "--to", "2026-03-11"]
  /// Sizes and SQLite's version are this machine's.
  private static let machine = [
    #"[0-9.,]+ (B|kB|MB)( of the file are free| before| after|, schema)"#: "$SIZE$2",
    #"SQLite [0-9.]+"#: "SQLite $VERSION",
    #"("(size|free|before|after)_bytes": )[0-9]+"#: "$1$SIZE",
  ]

  private static func top(_ name: String, _ arguments: [String], _ environment: [String: String] = [:])
    -> GoldenScene.Step
  {
    .init("top-" + name, ["top", "--history", "logs.sqlite"] + arguments, environment: environment)
  }

  private static func show(_ name: String, _ arguments: [String]) -> GoldenScene.Step {
    .init("show-" + name, ["show", "--history", "logs.sqlite"] + arguments)
  }

  static let logs = GoldenScene(
    "a history of logs",
    [
      .prepare(["ingest", "--history", "logs.sqlite", log]),
      top("text", ["--limit", "5"]),
      top("markdown", ["--limit", "3", "--format", "markdown"]),
      top("json", ["--limit", "2", "--format", "json"] + day),
      top("csv", ["--limit", "3", "--format", "csv"] + day),
      top(
        "p95-target", ["--by", "p95", "--limit", "4", "--target", "100ms", "--compare", "previous", "--since", "3d"]),
      top("target-json", ["--limit", "1", "--target", "100ms", "--compare", "previous", "--format", "json"] + day),
      top(
        "filters", ["--database", "shop", "--user", "shop_web", "--application", "shop-web", "--table", "orders"] + day),
      top("tag", ["--tag", "route=/login", "--text", "LOWER(customers", "--limit", "2"]),
      top("errors", ["--by", "errors", "--limit", "3"]),
      top("temp", ["--by", "temp"]),
      top("width-60", ["--limit", "3", "--target", "100ms"], ["COLUMNS": "60"]),
      top("width-80", ["--limit", "3", "--compare", "previous"] + day, ["COLUMNS": "80"]),
      top("compare-halves", ["--limit", "2", "--compare", "previous"]),
      top("width-200", ["--limit", "3", "--by", "p99"], ["COLUMNS": "200"]),
      top("colour", ["--limit", "2", "--target", "100ms"], ["CLICOLOR_FORCE": "1"]),
      top("no-colour", ["--limit", "2", "--target", "100ms"], ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]),
      top("no-match", ["--table", "no_such_table"]),
      top("no-snapshot", ["--between", "0123456789", "abcdef0123"]),
      top("one-snapshot", ["--between", "0123456789"]),
      top("bad-measure", ["--by", "speed"]),
      show("text", ["79f64ed0", "--target", "100ms"]),
      show("markdown", ["79f64ed0", "--format", "markdown"] + day),
      show("json", ["79f64ed0", "--format", "json", "--target", "100ms"] + day),
      show("values", ["79f64ed0", "--format", "json", "--show-values"] + day),
      show("ambiguous", ["7"]),
      show("unknown", ["ffffffff"]),
      show("no-fingerprint", ["orders"]),
      .init("history-list", ["history", "list", "--history", "logs.sqlite"]),
      .init("history-list-json", ["history", "list", "--history", "logs.sqlite", "--format", "json"]),
      .init("history-list-markdown", ["history", "list", "--history", "logs.sqlite", "--format", "markdown"]),
      .init("doctor", ["doctor", "--history", "logs.sqlite"], replacing: machine),
      .init("doctor-json", ["doctor", "--history", "logs.sqlite", "--format", "json"], replacing: machine),
      .init("doctor-markdown", ["doctor", "--history", "logs.sqlite", "--format", "markdown"], replacing: machine),
    ] + exports
      + [
        .init("prune-too-short", ["history", "prune", "--history", "logs.sqlite", "--minutes", "9", "--hours", "3"]),
        .init("prune-never", ["history", "prune", "--history", "logs.sqlite", "--never"]),
        .init(
          "prune", ["history", "prune", "--history", "logs.sqlite", "--minutes", "2", "--hours", "4"],
          replacing: machine),
        .init(
          "prune-json",
          ["history", "prune", "--history", "logs.sqlite", "--minutes", "1", "--hours", "2", "--format", "json"],
          replacing: machine),
        .init(
          "export-rolled-up",
          [
            "history", "export", "executions", "--history", "logs.sqlite", "--format", "csv", "--from", "2026-03-09",
            "--to", "2026-03-10",
          ]),
        .init("vacuum", ["history", "vacuum", "--history", "logs.sqlite"], replacing: machine),
        .init(
          "vacuum-json", ["history", "vacuum", "--history", "logs.sqlite", "--format", "json"], replacing: machine),
        .init("merge", ["history", "merge", "--history", "all.sqlite", "logs.sqlite", "logs.sqlite"]),
        .init("merge-json", ["history", "merge", "--history", "more.sqlite", "logs.sqlite", "--format", "json"]),
        .init("merge-missing", ["history", "merge", "--history", "all.sqlite", "logs.sqlite", "none.sqlite"]),
      ])

  private static var exports: [GoldenScene.Step] {
    let night = ["--from", "2026-03-10 02:00", "--to", "2026-03-10 02:20"]
    func export(_ name: String, _ arguments: [String]) -> GoldenScene.Step {
      .init("export-" + name, ["history", "export", "--history", "logs.sqlite"] + arguments)
    }
    return [
      export("executions", ["executions"] + night),
      export("executions-csv", ["executions", "--format", "csv"] + night),
      export("executions-json", ["executions", "--format", "json"] + night),
      export("samples", ["samples"] + night), export("samples-values", ["samples", "--show-values"] + night),
      export("events", ["events", "--format", "csv"] + day), export("sources", ["sources"]),
      export("unknown", ["everything"]),
    ]
  }

  static let snapshots = GoldenScene(
    "a history of snapshots",
    [
      .prepare(
        ["ingest", "--history", "snapshots.sqlite"] + (0...2).map { recorded + "snapshot-day\($0).ndjson.gz" })
    ]
      + ([
        ("text", ["--limit", "3"]), ("json", ["--limit", "1", "--format", "json", "--target", "100ms"]),
        ("csv", ["--limit", "2", "--format", "csv"]), ("io", ["--by", "io", "--limit", "3"]),
        ("wal", ["--by", "wal", "--limit", "3"]), ("rows", ["--by", "rows", "--limit", "3"]),
        ("planning", ["--by", "planning", "--limit", "3"]), ("p95", ["--by", "p95"]),
        ("target", ["--target", "100ms", "--limit", "6"]), ("application", ["--application", "shop-web"]),
      ] as [(String, [String])]).map { name, arguments in
        .init("snapshots-top-" + name, ["top", "--history", "snapshots.sqlite"] + arguments)
      }
      + [
        .init("snapshots-list", ["history", "list", "--history", "snapshots.sqlite"]),
        .init("snapshots-list-json", ["history", "list", "--history", "snapshots.sqlite", "--format", "json"]),
        .init("snapshots-show", ["show", "--history", "snapshots.sqlite", "79f64ed0", "--target", "100ms"]),
        .init("snapshots-show-json", ["show", "--history", "snapshots.sqlite", "79f64ed0", "--format", "json"]),
        .init("snapshots-doctor", ["doctor", "--history", "snapshots.sqlite"], replacing: machine),
        .init("snapshots-export", ["history", "export", "snapshots", "--history", "snapshots.sqlite"]),
        .init(
          "snapshots-export-intervals",
          [
            "history", "export", "intervals", "--history", "snapshots.sqlite", "--format", "csv", "--from",
            "2026-03-09 19:00",
          ]),
      ])

  static let both = GoldenScene(
    "a history of a log and snapshots",
    [
      .prepare(
        ["ingest", "--history", "both.sqlite", log] + (1...2).map { recorded + "snapshot-day\($0).ndjson.gz" }),
      .init("both-top", ["top", "--history", "both.sqlite", "--limit", "3", "--target", "100ms"]),
      .init("both-show", ["show", "--history", "both.sqlite", "d620ec5c", "--since", "5d"]),
      .init("both-doctor", ["doctor", "--history", "both.sqlite", "--format", "json"], replacing: machine),
    ])

  static let empty = GoldenScene(
    "no history, and an empty one", files: ["empty.sqlite": []],
    [
      .init("top-no-history", ["top", "--history", "none.sqlite"]),
      .init("show-no-history", ["show", "--history", "none.sqlite", "79f64ed0"]),
      .init("doctor-no-history", ["doctor", "--history", "none.sqlite"]),
      .init("list-no-history", ["history", "list", "--history", "none.sqlite"]),
      .init("prune-empty", ["history", "merge", "--history", "new.sqlite", "empty.sqlite"]),
    ])
}

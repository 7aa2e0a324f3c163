/// What `pgassay capture` says when it cannot: never a password, always what to do.
enum CaptureScenes {
  static let all: [GoldenScene] = [
    GoldenScene(
      "capture without a server",
      [
        .init("capture-no-server", ["capture", "--history", "h", "postgresql://me:hunter2@127.0.0.1:1/shop"]),
        .init(
          "capture-no-server-file",
          ["capture", "--output", "s.ndjson", "host=/no/such/directory user=me password=hunter2 dbname=shop"],
          files: ["s.ndjson"]),
        .init("capture-bad-uri", ["capture", "--history", "h", "postgresql://me:hunter2@[::1/shop"]),
        .init("capture-bad-keyword", ["capture", "--history", "h", "hots=db1 password=hunter2"]),
        .init("capture-no-service", ["capture", "--history", "h", "service=nowhere"]),
      ]),
    GoldenScene(
      "capture's options",
      [
        .init("capture-every-output", ["capture", "--every", "60s", "--output", "s.ndjson"]),
        .init("capture-rounds-alone", ["capture", "--rounds", "3"]),
        .init("capture-every-word", ["capture", "--every", "often"]),
        .init("capture-script-connection", ["capture", "--script", "dbname=shop"]),
        .init("capture-two-outputs", ["capture", "--output", "s.ndjson", "dbname=a", "dbname=b"]),
        .init("capture-values-word", ["capture", "--values", "some"]),
        .init("capture-missing-directory", ["capture", "--output", "no/such/s.ndjson", "dbname=a"]),
        .init("ingest-captured-at", ["ingest", "--captured-at", "yesterday", "x.csv"]),
      ]),
    GoldenScene(
      "exports of pg_stat_statements",
      files: [
        "pgss-2026-03-02_14-05.csv": Array(
          """
          queryid,datname,rolname,calls,total_exec_time,rows,query
          11,shop,app,100,250.5,100,SELECT * FROM orders WHERE id = $1
          12,shop,app,10,90,30,"SELECT count(*)
          FROM orders"
          """.utf8),
        "pgss-2026-03-02_15-05.json": Array(
          """
          [{"queryid": 11, "datname": "shop", "rolname": "app", "calls": 160, "total_exec_time": 400.75, "rows": 160,
          "query": "SELECT * FROM orders WHERE id = $1"},
          {"queryid": 12, "datname": "shop", "rolname": "app", "calls": 10, "total_exec_time": 90, "rows": 30,
          "query": "SELECT count(*)\\nFROM orders"}]
          """.utf8),
      ],
      [
        .init(
          "ingest-exports",
          [
            "ingest", "--history", "h", "--server", "shop", "pgss-2026-03-02_15-05.json", "pgss-2026-03-02_14-05.csv",
          ]),
        .init("top-exports", ["top", "--history", "h", "--format", "csv"]),
      ]),
  ]
}

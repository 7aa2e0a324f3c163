/// `pgassay ingest` on small logs of every kind, and what it says of bad ones.
enum IngestScenes {
  private static let lines = (10..<40).map { second in
    "2026-11-23 18:39:\(second).500 UTC [\(4_000 + second % 3)] alice@shop LOG:  duration: \(second).250 ms  statement: "
      + "SELECT a FROM t WHERE id = \(second)\n"
  }

  private static let stderr = lines.joined()
  private static let csv = (10..<40).map { second in
    "2026-11-23 18:39:\(second).500 UTC,\"alice\",\"shop\",\(4_000 + second % 3),\"[local]\","
      + "6b0489f2.\(String(4_000 + second % 3, radix: 16)),\(second / 3),\"SELECT\",2026-11-23 18:46:10 UTC,3/0,0,LOG,00000,"
      + "\"duration: \(second).250 ms  statement: SELECT a FROM t WHERE id = \(second)\",,,,,,,,,\"web\",\"client backend\",,0\n"
  }.joined()
  private static let docker = lines.map { line in
    "{\"log\":\"\(line.dropLast())\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:39:20.123456789Z\"}\n"
  }.joined()
  private static let syslog = (10..<40).map { second in
    "Nov 23 18:39:\(second) db1 postgres[\(4_000 + second % 3)]: [\(second)-1] \(lines[second - 10])"
      + "Nov 23 18:39:\(second) db1 CRON[7]: (root) CMD (run-parts)\n"
  }.joined()

  /// As `gcloud logging read --format=json` writes it without --order=asc.
  private static let newestFirst =
    "["
    + lines.reversed().enumerated().map { i, line in
      "{\"textPayload\": \"\(line.dropLast())\", \"timestamp\": \"2026-11-23T18:39:\(39 - i).500Z\", "
        + "\"logName\": \"projects/p/logs/cloudsql.googleapis.com%2Fpostgres.log\"}"
    }.joined(separator: ",\n") + "]\n"
  /// gzip(1)'s bytes for "2026-11-23 18:39:10.500 UTC [4001] alice@shop LOG:  …", without the end.
  private static let cutOff: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x33, 0x32, 0x30, 0x32, 0xD3, 0x35,
  ]

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
  private static let history = ["--history", "h.sqlite", "--parameters", "drop"]

  static let all: [GoldenScene] = [
    GoldenScene(
      "ingest a log",
      files: ["postgresql.log": bytes(stderr + "a library complains\n" + lines[0])],
      [
        .init("ingest-log", ["ingest", "postgresql.log"] + history),
        .init("ingest-log-again", ["ingest", "postgresql.log"] + history),
        .init("ingest-log-json", ["ingest", "postgresql.log", "--history", "j.sqlite", "--format", "json"]),
      ]),
    GoldenScene(
      "ingest siblings", files: ["postgresql.log": bytes(stderr), "postgresql.csv": bytes(csv)],
      [.init("ingest-siblings", ["ingest", "postgresql.log", "postgresql.csv"] + history)]),
    GoldenScene(
      "ingest wrapped logs", files: ["docker.log": bytes(docker), "syslog": bytes(syslog)],
      [
        .init("ingest-docker", ["ingest", "docker.log"] + history),
        .init("ingest-syslog", ["ingest", "syslog", "--history", "s.sqlite", "--format", "markdown"]),
      ]),
    GoldenScene(
      "ingest standard input",
      [.init("ingest-stdin", ["ingest", "-"] + history, standardInput: stderr)]),
    GoldenScene(
      "ingest what cannot be read",
      files: [
        "postgresql.log": bytes(stderr), "notes.txt": bytes("hello\nworld\n"), "empty.log": [],
        "export.json": bytes(newestFirst), "cut.log.gz": cutOff,
      ],
      [
        .init("ingest-wrong-prefix", ["ingest", "postgresql.log", "--prefix", "%t:%r:%u@%d:[%p]:"] + history),
        .init("ingest-missing", ["ingest", "no/such.log"] + history),
        .init("ingest-not-a-log", ["ingest", "notes.txt"] + history),
        .init("ingest-empty", ["ingest", "empty.log"] + history),
        .init("ingest-newest-first", ["ingest", "export.json"] + history),
        .init("ingest-cut-off", ["ingest", "postgresql.log", "cut.log.gz"] + history),
        .init("ingest-some-unreadable", ["ingest", "postgresql.log", "notes.txt"] + history),
      ]),
  ]
}

import GRDB

/// The tables of a history file, as migrations that only ever go forward.
///
/// Conventions: instants are microseconds since 1970-01-01 UTC (`_at`), durations are microseconds (`_us`), fingerprints
/// and hashes are 64-bit patterns in SQLite's signed integers. Text that repeats is stored once in a dictionary table
/// and named by a small id. Counted rows name the source that they were counted from (`source_id`), which is what lets
/// two histories that share a source be merged without counting it twice.
enum Schema {
  /// SQLite's `application_id` of a history: "pgas".
  static let applicationID: Int64 = 0x7067_6173
  /// `user_version` of a file that all migrations have been applied to: the number of migrations.
  static var version: Int { migrations.count }

  /// Each migration's name and SQL, in order. A released one is never edited; a change is a new one at the end.
  static let migrations: [(name: String, sql: String)] = [
    ("1-foundation", foundation),
    ("2-settings", settings),
    ("3-secret", "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"),
    ("4-lines", lines),
  ]

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for (number, migration) in migrations.enumerated() {
      migrator.registerMigration(migration.name) { db in
        try db.execute(sql: migration.sql)
        try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(number + 1)")
      }
    }
    return migrator
  }

  /// The three tables of cells have the same columns; `bucket` counts minutes, hours or days since 1970 UTC. An hour
  /// and a day are always the exact sum of their minutes, so a long window reads days and only its ends in minutes.
  private static func cells(_ level: CellLevel) -> String {
    """
    CREATE TABLE \(level.table) (
      statement_id INTEGER NOT NULL, bucket INTEGER NOT NULL, dimensions_id INTEGER NOT NULL,
      source_id INTEGER NOT NULL, calls INTEGER NOT NULL, errors INTEGER NOT NULL, untimed INTEGER NOT NULL,
      total_us INTEGER NOT NULL, longest_us INTEGER NOT NULL, parse_us INTEGER NOT NULL, bind_us INTEGER NOT NULL,
      sketch BLOB NOT NULL,
      PRIMARY KEY (statement_id, bucket, dimensions_id, source_id)
    ) WITHOUT ROWID;
    """
  }

  private static let foundation = """
    CREATE TABLE source (
      id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, path TEXT NOT NULL, format TEXT NOT NULL,
      consumed INTEGER NOT NULL, state BLOB NOT NULL, entries INTEGER NOT NULL, skipped TEXT NOT NULL,
      first_at INTEGER, last_at INTEGER
    );
    CREATE TABLE statement (
      id INTEGER PRIMARY KEY, fingerprint INTEGER NOT NULL UNIQUE, kind TEXT NOT NULL, grammar TEXT NOT NULL,
      text TEXT NOT NULL, relations TEXT NOT NULL
    );
    CREATE TABLE dimensions (
      id INTEGER PRIMARY KEY, database TEXT NOT NULL, user TEXT NOT NULL, application TEXT NOT NULL,
      tags TEXT NOT NULL, UNIQUE (database, user, application, tags)
    );
    \(CellLevel.allCases.map(cells).joined(separator: "\n"))
    CREATE TABLE sample (
      statement_id INTEGER NOT NULL, reason TEXT NOT NULL, rank INTEGER NOT NULL, content INTEGER NOT NULL,
      dimensions_id INTEGER NOT NULL, at INTEGER NOT NULL, duration_us INTEGER NOT NULL, text TEXT NOT NULL,
      parameters TEXT NOT NULL,
      PRIMARY KEY (statement_id, reason, rank, content)
    ) WITHOUT ROWID;
    CREATE TABLE plan (
      statement_id INTEGER NOT NULL, shape INTEGER NOT NULL, reason TEXT NOT NULL, rank INTEGER NOT NULL,
      content INTEGER NOT NULL, dimensions_id INTEGER NOT NULL, at INTEGER NOT NULL, duration_us INTEGER NOT NULL,
      format TEXT NOT NULL, document BLOB NOT NULL, nested INTEGER NOT NULL,
      PRIMARY KEY (statement_id, shape, reason, rank, content)
    ) WITHOUT ROWID;
    CREATE TABLE event_shape (
      id INTEGER PRIMARY KEY, category TEXT NOT NULL, sqlstate TEXT NOT NULL, shape TEXT NOT NULL,
      sample TEXT NOT NULL, UNIQUE (category, sqlstate, shape)
    );
    CREATE TABLE event (
      shape_id INTEGER NOT NULL, minute INTEGER NOT NULL, dimensions_id INTEGER NOT NULL,
      statement_id INTEGER NOT NULL, source_id INTEGER NOT NULL, count INTEGER NOT NULL, amount_milli INTEGER NOT NULL,
      PRIMARY KEY (shape_id, minute, dimensions_id, statement_id, source_id)
    ) WITHOUT ROWID;
    CREATE TABLE repetition (
      statement_id INTEGER NOT NULL, minute INTEGER NOT NULL, dimensions_id INTEGER NOT NULL,
      source_id INTEGER NOT NULL, transactions INTEGER NOT NULL, executions INTEGER NOT NULL, most INTEGER NOT NULL,
      total_us INTEGER NOT NULL,
      PRIMARY KEY (statement_id, minute, dimensions_id, source_id)
    ) WITHOUT ROWID;
    CREATE TABLE query_id (
      query_id INTEGER NOT NULL, database TEXT NOT NULL, statement_id INTEGER NOT NULL,
      PRIMARY KEY (query_id, database, statement_id)
    ) WITHOUT ROWID;
    CREATE TABLE server (
      id INTEGER PRIMARY KEY, system_identifier TEXT NOT NULL, node TEXT NOT NULL, UNIQUE (system_identifier, node)
    );
    CREATE TABLE server_name (
      server_id INTEGER NOT NULL, kind TEXT NOT NULL, oid INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (server_id, kind, oid)
    ) WITHOUT ROWID;
    CREATE TABLE statement_entry (
      id INTEGER PRIMARY KEY, server_id INTEGER NOT NULL, query_id INTEGER NOT NULL, database_id INTEGER NOT NULL,
      user_id INTEGER NOT NULL, toplevel INTEGER NOT NULL, statement_id INTEGER, is_reset INTEGER NOT NULL,
      UNIQUE (server_id, query_id, database_id, user_id, toplevel)
    );
    CREATE TABLE statements_context (id INTEGER PRIMARY KEY, context TEXT NOT NULL UNIQUE);
    CREATE TABLE statements_snapshot (
      server_id INTEGER NOT NULL, at INTEGER NOT NULL, statements INTEGER NOT NULL, hidden INTEGER NOT NULL,
      context_id INTEGER NOT NULL,
      PRIMARY KEY (server_id, at)
    ) WITHOUT ROWID;
    CREATE TABLE statements_chain (
      server_id INTEGER NOT NULL, key_at INTEGER NOT NULL, first_at INTEGER NOT NULL, first_state BLOB NOT NULL,
      last_at INTEGER NOT NULL, last_state BLOB NOT NULL,
      PRIMARY KEY (server_id, key_at)
    );
    CREATE TABLE statements_interval (
      server_id INTEGER NOT NULL, level INTEGER NOT NULL, bucket INTEGER NOT NULL, chain_at INTEGER NOT NULL,
      from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, chosen INTEGER NOT NULL, interruptions TEXT NOT NULL,
      known INTEGER NOT NULL, active_ns INTEGER, covered_us INTEGER NOT NULL, block BLOB NOT NULL,
      PRIMARY KEY (server_id, level, bucket, chain_at, from_at)
    );
    CREATE TABLE retention (level INTEGER PRIMARY KEY, from_minute INTEGER NOT NULL);
    CREATE TABLE document (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, content BLOB NOT NULL);
    CREATE INDEX document_by_hash ON document (hash);
    CREATE TABLE catalog (
      id INTEGER PRIMARY KEY, server_id INTEGER NOT NULL, database TEXT NOT NULL, at INTEGER NOT NULL,
      UNIQUE (server_id, database, at)
    );
    CREATE TABLE catalog_section (
      catalog_id INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, document_id INTEGER NOT NULL,
      PRIMARY KEY (catalog_id, position)
    ) WITHOUT ROWID;
    """
}

extension Schema {
  /// What each logged execution of a source stands for (`log_statement_sample_rate`), what the file itself is told
  /// (how long to keep what), and packed blocks in `statements_interval`.
  private static let settings = """
    ALTER TABLE source ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """
}

extension Schema {
  /// Which lines of which sessions were counted, in blocks of sessions that began at about the same time.
  private static let lines = """
    CREATE TABLE log_lines (
      format TEXT NOT NULL, bucket INTEGER NOT NULL, last_ms INTEGER NOT NULL, bytes INTEGER NOT NULL,
      content BLOB NOT NULL,
      PRIMARY KEY (format, bucket)
    );
    """
}

/// The widths of time that executions are counted by.
enum CellLevel: Int, CaseIterable, Comparable, Sendable {
  case minute = 1
  case hour = 60
  case day = 1440

  var table: String {
    switch self {
    case .minute: "cell_minute"
    case .hour: "cell_hour"
    case .day: "cell_day"
    }
  }

  /// Minutes in a bucket.
  var minutes: Int64 { Int64(rawValue) }
  func bucket(ofMinute minute: Int64) -> Int64 {
    minute >= 0 ? minute / minutes : -((minutes - 1 - minute) / minutes)
  }

  static func < (a: CellLevel, b: CellLevel) -> Bool { a.rawValue < b.rawValue }
}

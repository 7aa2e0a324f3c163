internal import PostgresClient

/// The psql script that writes a snapshot where pgassay itself cannot go: the same queries as the live capture, chosen
/// by psql's own `\if` by the server's version and the role's rights.
///
/// It writes nothing to the server and nothing to files: the snapshot goes to psql's standard output (or `-o FILE`).
/// psql 11 or later.
public enum CaptureScript {
  /// Versions that the queries are written for; later ones take the last one's.
  static let majors = 13...18

  public struct Options: Sendable {
    public var keepsValues: Bool
    public var withStatistics: Bool
    public var statementTimeout: Duration
    public var lockTimeout: Duration

    public init(
      keepsValues: Bool = true, withStatistics: Bool = true, statementTimeout: Duration = .seconds(60),
      lockTimeout: Duration = .seconds(2)
    ) {
      self.keepsValues = keepsValues
      self.withStatistics = withStatistics
      self.statementTimeout = statementTimeout
      self.lockTimeout = lockTimeout
    }
  }

  public static func text(_ options: Options = Options()) -> String {
    let sections = Sections.all(keepsValues: options.keepsValues, withStatistics: options.withStatistics)
    var script = """
      -- Snapshot of a PostgreSQL server (13 to 18) for pgassay: schema, planner statistics, sizes, counters, settings.
      --
      --   psql -X -q -d DATABASE -f THIS_FILE -o snapshot.ndjson
      --   pgassay ingest --history FILE snapshot.ndjson
      --
      -- It reads only, in one read-only transaction, and resets nothing. The role pg_monitor is enough; what the role
      -- may not see is missing from the snapshot and listed when it is read.
      -- \(options.keepsValues
        ? "Values inside planner statistics are included (pgassay capture --script --values drop leaves them out)."
        : "Values inside planner statistics are left out.")

      \\set QUIET on
      \\set ON_ERROR_STOP on
      \\set ON_ERROR_ROLLBACK on
      \\timing off
      \\pset pager off
      \\pset format unaligned
      \\pset tuples_only on
      \\pset expanded off
      \\pset null ''
      \\encoding UTF8
      \(CaptureSettings.begin);

      """
    let session = CaptureSettings.session(
      statementTimeout: options.statementTimeout, lockTimeout: options.lockTimeout)
    for setting in session.settings where setting.name != "default_transaction_read_only" {
      script += "SET LOCAL \(setting.name) = '\(setting.value)';\n"
    }
    script += """

      -- What the server has and the role may.
      \(Probe.sql) \\gset pgassay_
      \\if :pgassay_is_superuser
      \(Probe.untracked.map { "SET LOCAL \($0.name) = '\($0.value)';" }.joined(separator: "\n"))
      \\endif

      """
    for major in majors.dropFirst().reversed() {
      script += "SELECT :pgassay_version_number >= \(major)0000 AS pgassay_is_\(major) \\gset\n"
    }
    for section in sections { script += "\\set pgassay_rows_\(section.name) null\n" }
    script += "\n-- header\n"
    script += byVersion {
      HeaderQuery.sql($0, madeBy: "pgassay capture --script", keepsValues: options.keepsValues) + ";\n"
    }
    script += "\n-- A section that the role may not read, or that takes too long, is left out; the others follow.\n"
    script += "\\set ON_ERROR_STOP off\n"
    for section in sections { script += text(of: section) }
    script += """

      -- end
      \\set ON_ERROR_STOP on
      SELECT pg_catalog.json_build_object('pgassay_snapshot_end', (SELECT pg_catalog.json_object_agg(e.name, e.number)
      FROM (VALUES
      \(sections.map { "('\($0.name)', :pgassay_rows_\($0.name)::bigint)" }.joined(separator: ",\n"))
      ) AS e (name, number) WHERE e.number IS NOT NULL));
      COMMIT;

      """
    return script
  }

  private static func text(of section: Section) -> String {
    var text = "\n-- \(section.name)\n"
    var isFirst = true
    var isClosed = false
    for alternative in section.alternatives {
      let body = byVersion { major in
        alternative.sql(major, .all).map { run(section.isGenerator ? $0.rows : $0.json, in: section) }
      }
      if let flag = alternative.needs {
        text += (isFirst ? "\\if " : "\\elif ") + ":pgassay_\(flag.rawValue)\n" + body
      } else {
        text += isFirst ? body : "\\else\n" + body
        isClosed = isFirst
        isFirst = false
        break
      }
      isFirst = false
    }
    return text + (isClosed ? "" : "\\endif\n")
  }

  /// The query, and its number of rows for the end marker: -1 where it failed. A generator's own rows are queries.
  private static func run(_ sql: String, in section: Section) -> String {
    var sql = sql
    for placeholder in Probe.placeholders {
      sql = sql.split(separator: ":" + placeholder, omittingEmptySubsequences: false).joined(
        separator: ":pgassay_" + placeholder)
    }
    if section.isGenerator {
      return "SET LOCAL statement_timeout = '\(LiveCapture.usualProbeTimeout.wholeMilliseconds)';\n" + sql
        + "\n\\gexec\n"
    }
    return sql + ";\n" + """
      \\if :ERROR
      \\set pgassay_rows_\(section.name) -1
      \\else
      \\set pgassay_rows_\(section.name) :ROW_COUNT
      \\endif

      """
  }

  /// `text` for each version, written once for neighbours that share it.
  private static func byVersion(_ text: (Int) -> String?) -> String {
    var groups: [(lowest: Int, text: String?)] = []
    for major in majors.reversed() {
      let body = text(major)
      if let last = groups.last, last.text == body {
        groups[groups.count - 1].lowest = major
      } else {
        groups.append((major, body))
      }
    }
    guard groups.count > 1 else { return groups.first?.text ?? "" }
    var result = ""
    for (place, group) in groups.enumerated() {
      if group.lowest == majors.lowerBound {
        if let body = group.text { result += "\\else\n" + body }
      } else {
        result += (place == 0 ? "\\if " : "\\elif ") + ":pgassay_is_\(group.lowest)\n" + (group.text ?? "")
      }
    }
    return result + "\\endif\n"
  }
}

import Glibc
import IndexSize
import PostgresClient

/// The entries that a GIN index makes of a column's values, from what the statistics say of their elements.
///
/// Arrays and text search vectors have statistics of their elements (`STATISTIC_KIND_MCELEM`). For documents and
/// trigrams, the values that the statistics name (a sample of the rows) are taken apart as the operator class does.
struct IndexEntriesReader {
  var connection: PostgresConnection

  struct Column {
    var operatorClass: String
    /// Relation and column number that the statistics are kept under.
    var relation: String
    var number: Int
    /// Rows that the index covers.
    var rows: Double
    var column: IndexedColumn
  }

  struct Entries {
    var classes: [EntryClass]
    var isRough: Bool
  }

  func entries(of column: Column) async throws -> Entries {
    var found: Entries
    switch column.operatorClass {
    case "array_ops", "gin__int_ops", "tsvector_ops":
      found = try await elements(of: column)
    case "jsonb_ops", "jsonb_path_ops", "gin_trgm_ops":
      found = try await tokens(of: column)
    default:
      // Scalars: every value is an entry.
      let width = Int(column.column.averageWidth.rounded())
      let groups = KeyClasses(column.column).groups(rows: column.rows).filter { !$0.isNull }
      found = Entries(
        classes: groups.map { EntryClass(rows: $0.rows, values: $0.values, keyBytes: width) }, isRough: false)
    }
    let nulls = column.rows * column.column.nullFraction
    if nulls >= 1 { found.classes.append(EntryClass(rows: nulls, values: 1, keyBytes: 0)) }
    return found
  }

  // MARK: Elements

  private static func slot(_ kind: Int, _ field: String) -> String {
    "CASE \(kind) "
      + (1...5).map { "WHEN s.stakind\($0) THEN s.sta\(field)\($0)" }.joined(separator: " ") + " END"
  }

  private func elements(of column: Column) async throws -> Entries {
    let rows = try await connection.query(
      """
      SELECT \(Self.slot(4, "numbers")) AS common, \(Self.slot(5, "numbers")) AS counts, s.stawidth AS width,
        (SELECT avg(pg_catalog.octet_length(v)) FROM pg_catalog.unnest((\(Self.slot(4, "values")))::text::text[]) v)
          AS length_,
        COALESCE((SELECT e.typlen FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type e ON e.oid = t.typelem
          WHERE t.oid = a.atttypid AND t.typcategory = 'A'), -1) AS element_length
      FROM pg_catalog.pg_statistic s JOIN pg_catalog.pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
      WHERE s.starelid = $1::oid AND s.staattnum = $2::int2 AND NOT s.stainherit
      """, [column.relation, String(column.number)])
    let notNull = column.rows * (1 - column.column.nullFraction)
    guard let row = rows.first, try row.optionalString("common") != nil else {
      return Entries(classes: [EntryClass(rows: 1, values: max(1, notNull), keyBytes: 8)], isRough: true)
    }
    let isVector = column.operatorClass == "tsvector_ops"
    let numbers = IndexShapeReader.numbers(try row.optionalString("common"))
    // Behind the frequencies: least and greatest, and for arrays that of null elements (array_typanalyze.c,
    // ts_typanalyze.c).
    let frequencies = numbers.dropLast(isVector ? 2 : 3).sorted(by: >)
    let length = try row.optionalDouble("length_") ?? 8
    let fixed = try row.int("element_length")
    let keyBytes = fixed > 0 ? fixed : Int(length.rounded()) + 1
    var average = IndexShapeReader.numbers(try row.optionalString("counts")).last
    if isVector {
      // Header, and for each word its entry, its letters, one position (ts_type.h).
      average = max(1, ((try row.optionalDouble("width") ?? 32) - 8) / (8.5 + length))
    }
    let known = frequencies.reduce(0, +)
    let rest = max(0, (average ?? known) - known)
    var classes = Self.classes(frequencies.map { $0 * notNull }, keyBytes: keyBytes)
    classes += Self.tail(behind: frequencies, mass: rest, rows: notNull, keyBytes: keyBytes)
    return Entries(classes: classes, isRough: isVector || rest > known)
  }

  /// Entries one by one are more than a size needs: neighbours in frequency are taken together.
  private static func classes(_ rows: [Double], keyBytes: Int) -> [EntryClass] {
    let step = max(1, rows.count / 100)
    return stride(from: 0, to: rows.count, by: step).map { start in
      let part = rows[start..<min(start + step, rows.count)]
      return EntryClass(
        rows: max(1, part.reduce(0, +) / Double(part.count)), values: Double(part.count), keyBytes: keyBytes)
    }
  }

  /// The elements that are too rare for the list of common ones: frequencies go on falling as they did in the last quarter
  /// of the list, a power of the rank, but no faster than those of words do (Zipf: 1), until they make up the rows that
  /// are left.
  private static func tail(behind frequencies: [Double], mass: Double, rows: Double, keyBytes: Int) -> [EntryClass] {
    guard mass * rows >= 1 else { return [] }
    guard let least = frequencies.last, frequencies.count >= 8, least > 0 else {
      return [EntryClass(rows: 1, values: mass * rows, keyBytes: keyBytes)]
    }
    let count = Double(frequencies.count)
    let before = frequencies[frequencies.count * 3 / 4]
    let slope = min(1, max(0, log(before / least) / log(4.0 / 3)))
    var left = mass
    var classes: [EntryClass] = []
    var rank = count
    while left * rows >= 1, classes.count < 400 {
      let next = rank * 1.1
      let frequency = max(least * pow((rank + next) / 2 / count, -slope), 1 / rows)
      let values = min((next - rank).rounded(.up), left / frequency)
      classes.append(EntryClass(rows: max(1, frequency * rows), values: values, keyBytes: keyBytes))
      left -= values * frequency
      rank = next
    }
    return classes
  }

  // MARK: Tokens

  /// Counts in how many of the known values each token occurs, and sees from the tokens that occur once how many more
  /// there are (Chao, "Nonparametric estimation of the number of classes in a population", Scandinavian Journal of
  /// Statistics 11, 1984, in the form without bias: d + f1 (f1 - 1) / (2 (f2 + 1))). A lower bound, so a rough guess.
  private func tokens(of column: Column) async throws -> Entries {
    let notNull = column.rows * (1 - column.column.nullFraction)
    guard let split = try await tokenQuery(column) else {
      return Entries(classes: [EntryClass(rows: 1, values: max(1, notNull), keyBytes: 4)], isRough: true)
    }
    let (type, query) = split
    let rows = try await connection.query(
      """
      WITH s AS (SELECT * FROM pg_catalog.pg_statistic
        WHERE starelid = $1::oid AND staattnum = $2::int2 AND NOT stainherit),
      common AS (SELECT c.v, f.f FROM s, pg_catalog.unnest((\(Self.slot(1, "values")))::text::\(type)[])
        WITH ORDINALITY c(v, n) JOIN LATERAL pg_catalog.unnest(\(Self.slot(1, "numbers"))) WITH ORDINALITY f(f, n)
        USING (n)),
      others AS (SELECT v FROM s, pg_catalog.unnest((\(Self.slot(2, "values")))::text::\(type)[]) v),
      known (n, v, weight, is_other) AS (
        SELECT pg_catalog.row_number() OVER (), v, f::float8, false FROM common UNION ALL
        SELECT -pg_catalog.row_number() OVER (), v, GREATEST(0, 1 - (SELECT stanullfrac FROM s)
          - COALESCE((SELECT sum(f) FROM common), 0))::float8 / (SELECT count(*) FROM others), true FROM others),
      \(query),
      counted AS (SELECT t.token, sum(k.weight) AS weight, count(*) FILTER (WHERE k.is_other) AS others,
        count(*) FILTER (WHERE NOT k.is_other) AS commons FROM tokens t JOIN known k USING (n) GROUP BY t.token)
      SELECT weight, others, commons, count(*) AS values_, avg(pg_catalog.octet_length(token)) AS length_
      FROM counted GROUP BY weight, others, commons ORDER BY weight DESC, others, commons
      """, [column.relation, String(column.number)])
    guard !rows.isEmpty else {
      return Entries(classes: [EntryClass(rows: 1, values: max(1, notNull), keyBytes: 4)], isRough: true)
    }
    var classes: [EntryClass] = []
    var once = (values: 0.0, weight: 0.0, length: 0.0)
    var twice = 0.0
    // Lengths of keys as the operator class stores them: a hash or a packed trigram, or a flag and the text.
    func keyBytes(_ length: Double) -> Int { column.operatorClass == "jsonb_ops" ? Int(length.rounded()) + 2 : 4 }
    for row in rows {
      let (weight, values, length) = (try row.double("weight"), try row.double("values_"), try row.double("length_"))
      let (others, commons) = (try row.int("others"), try row.int("commons"))
      if commons == 0, others == 2 { twice += values }
      if commons == 0, others == 1 {
        once.values += values
        once.weight += values * weight
        once.length += values * length
      } else {
        // The weights are shares of all rows, nulls among them.
        classes.append(EntryClass(rows: max(1, weight * column.rows), values: values, keyBytes: keyBytes(length)))
      }
    }
    if once.values > 0 {
      let mass = once.weight * column.rows
      let values = min(mass, once.values + once.values * (once.values - 1) / (2 * (twice + 1)))
      classes.append(
        EntryClass(rows: max(1, mass / values), values: values, keyBytes: keyBytes(once.length / once.values)))
    }
    return Entries(classes: classes, isRough: true)
  }

  /// The type that the values are read as, and `tokens (n, token)` of the values in `known`.
  private func tokenQuery(_ column: Column) async throws -> (type: String, query: String)? {
    switch column.operatorClass {
    case "gin_trgm_ops":
      let schemas = try await connection.query(
        """
        SELECT pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e
        JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'
        """)
      guard let schema = try schemas.first?.string("schema") else { return nil }
      return (
        "text",
        "tokens AS (SELECT DISTINCT k.n, t.token FROM known k, pg_catalog.unnest(\(schema).show_trgm(k.v)) t(token))"
      )
    default:
      let token =
        column.operatorClass == "jsonb_path_ops"
        ? "d.path || '=' || d.v::text" : "CASE WHEN d.k IS NOT NULL THEN d.k ELSE d.v #>> '{}' END"
      // Names of members, and values that are neither objects nor lists.
      let nodes =
        column.operatorClass == "jsonb_path_ops"
        ? "SELECT n, \(token) FROM nodes d WHERE pg_catalog.jsonb_typeof(d.v) NOT IN ('object', 'array')"
        : """
        SELECT n, d.k FROM nodes d WHERE d.k IS NOT NULL UNION
        SELECT n, d.v #>> '{}' FROM nodes d WHERE pg_catalog.jsonb_typeof(d.v) NOT IN ('object', 'array')
        """
      return (
        "jsonb",
        """
        nodes AS (WITH RECURSIVE d (n, path, k, v) AS (
          SELECT n, ''::text, NULL::text, v FROM known UNION ALL
          SELECT d.n, d.path || COALESCE('.' || e.k, ''), e.k, e.v FROM d CROSS JOIN LATERAL (
            SELECT j.key, j.value FROM pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(d.v) WHEN 'object' THEN d.v
              ELSE '{}' END) j UNION ALL
            SELECT NULL, x FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(d.v) WHEN 'array' THEN d.v
              ELSE '[]' END) x) e (k, v)) SELECT * FROM d),
        tokens (n, token) AS (SELECT DISTINCT n, token FROM (\(nodes)) t (n, token) WHERE token IS NOT NULL)
        """
      )
    }
  }
}

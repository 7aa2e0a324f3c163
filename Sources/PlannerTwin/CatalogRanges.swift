/// What PostgreSQL holds in the places of its catalog that a twin is made of.
///
/// Sources: `pg_class.h`, `pg_statistic.h`, `pg_attribute.h`, `pg_proc.h`, `pg_constraint.h`, `pg_statistic_ext.h`,
/// `pg_collation.h`, `pg_policy.h`, `block.h` (`MaxBlockNumber`), `htup_details.h` (`MaxHeapAttributeNumber`),
/// `pg_wchar.h` (encodings of servers).
enum CatalogRanges {
  typealias Rule = SnapshotCheck.Rule

  /// `server_version_num` of the first release whose catalog is known here.
  static let oldestVersion: Int64 = 130_000

  private static let oid: Rule = .integer(0...4_294_967_295)
  private static let count32: Rule = .integer(0...Int64(Int32.max))
  /// Numbers of blocks have 32 bits without a sign, and the columns that hold them have one.
  private static let blocks: Rule = .integer(Int64(Int32.min)...Int64(Int32.max))
  /// 2³² − 1 blocks of 8 KiB.
  private static let bytes: Rule = .integer(0...(4_294_967_295 << 13))
  private static let share: Rule = .number(0...1)
  private static let real = Double(Float.greatestFiniteMagnitude)
  /// -1: never counted.
  private static let rows: Rule = .number(-1...real)
  private static let columnNumber: Rule = .integer(1...1_600)
  private static let target: Rule = .integer(-1...10_000)

  private static let spread: [String: Rule] = [
    "null_fraction": share, "width_bytes": count32,
    // Negative: a share of the rows.
    "distinct_values": .number(-1...real), "slots": .list(.slot),
  ]

  /// Numbers of a slot of statistics by its kind. Sums of rounded shares may pass 1 by the rounding of a `real`.
  static func numbers(ofKind kind: Int64) -> Rule {
    let rounded = 1e-4
    switch kind {
    case StatisticsSlot.Kind.commonValues, StatisticsSlot.Kind.commonElements, StatisticsSlot.Kind.rangeLengths:
      return .number(0...1 + rounded)
    case StatisticsSlot.Kind.correlation: return .number(-1 - rounded...1 + rounded)
    case StatisticsSlot.Kind.elementCounts: return .number(0...real)
    default: return .number(-real...real)
    }
  }

  static let header: [String: Rule] = [
    "encoding": .word([
      "EUC_CN", "EUC_JIS_2004", "EUC_JP", "EUC_KR", "EUC_TW", "ISO_8859_5", "ISO_8859_6", "ISO_8859_7", "ISO_8859_8",
      "KOI8R", "KOI8U", "LATIN1", "LATIN10", "LATIN2", "LATIN3", "LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8",
      "LATIN9", "MULE_INTERNAL", "SQL_ASCII", "UTF8", "WIN1250", "WIN1251", "WIN1252", "WIN1253", "WIN1254", "WIN1255",
      "WIN1256", "WIN1257", "WIN1258", "WIN866", "WIN874",
    ]),
    "locale_provider": .word(["b", "c", "i"]), "database_oid": oid,
  ]

  static let sections: [(name: String, rules: [String: Rule])] = [
    (
      "relations",
      [
        "oid": oid, "kind": .word(["table", "partitioned_table", "foreign_table", "materialized_view", "view"]),
        "persistence": .word(["p", "u", "t"]), "parents": .list(oid), "pages": blocks, "tuples": rows,
        "all_visible_pages": blocks, "all_frozen_pages": blocks, "size_bytes": bytes, "toast_size_bytes": bytes,
      ]
    ),
    (
      "columns",
      [
        "relation": oid, "number": columnNumber, "generated": .word(["s", "v"]), "identity": .word(["a", "d"]),
        "statistics_target": target, "length_bytes": .integer(-2...32_767), "alignment": .word(["c", "s", "i", "d"]),
      ]
    ),
    (
      "constraints",
      [
        "oid": oid, "relation": oid, "index": oid, "target": oid, "parent": oid,
        "kind": .word(["check", "foreign_key", "primary_key", "unique", "exclusion", "not_null"]),
        // Checks may speak of the columns that every table has, whose numbers are negative.
        "columns": .list(.integer(-7...1_600)), "target_columns": .list(.integer(-7...1_600)),
      ]
    ),
    (
      "indexes",
      [
        "oid": oid, "relation": oid, "parent": oid, "pages": blocks, "tuples": rows, "size_bytes": bytes,
        "keys": .list(.object(["number": .integer(1...32), "statistics_target": target])),
      ]
    ),
    ("column_statistics", spread.merging(["relation": oid, "column_number": columnNumber]) { $1 }),
    (
      "extended_statistics",
      [
        "oid": oid, "relation": oid, "kinds": .list(.word(["d", "f", "m", "e"])), "statistics_target": target,
        "columns": .list(columnNumber),
        "data": .list(
          .object([
            "distinct_counts": .groups(0...real), "dependencies": .groups(0...1),
            "common_values": .list(.object(["frequency": share, "base_frequency": share])),
            "expressions": .list(.object(spread)),
          ])),
      ]
    ),
    // With two entries to a page, the fewest that a B-tree makes, a higher tree has more pages than a relation can.
    ("tree_heights", ["index": oid, "height": .integer(0...32), "fast_height": .integer(0...32)]),
    (
      "gin_pages",
      [
        "index": oid, "pending_pages": .integer(0...4_294_967_295), "total_pages": .integer(0...4_294_967_295),
        "entry_pages": .integer(0...4_294_967_295), "data_pages": .integer(0...4_294_967_295),
        "entries": .integer(0...Int64.max),
      ]
    ),
    ("extremes", ["relation": oid, "column_number": columnNumber]),
    (
      "functions",
      [
        "oid": oid, "kind": .word(["aggregate", "procedure", "window", "function"]),
        "volatility": .word(["i", "s", "v"]), "parallel": .word(["s", "r", "u"]), "cost": .number(0...real),
        "rows": .number(0...real),
      ]
    ),
    ("types", ["oid": oid, "kind": .word(["enum", "domain", "composite", "range", "base"])]),
    ("collations", ["oid": oid, "provider": .word(["b", "c", "d", "i"])]),
    ("policies", ["oid": oid, "relation": oid, "command": .word(["r", "a", "w", "d", "*"])]),
  ]
}

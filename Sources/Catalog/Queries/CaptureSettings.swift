internal import PostgresClient

/// What the transaction of a capture runs under, live and in the script.
enum CaptureSettings {
  /// Texts of values must read the same whatever the role's own settings are, and cannot depend on a schema.
  static func session(statementTimeout: Duration, lockTimeout: Duration) -> SessionSettings {
    var session = SessionSettings.readOnly(
      statementTimeout: statementTimeout, lockTimeout: lockTimeout, searchPath: "")
    session.settings += [
      .init("TimeZone", "UTC"), .init("DateStyle", "ISO, YMD"), .init("IntervalStyle", "postgres"),
      .init("bytea_output", "hex"), .init("extra_float_digits", "1"), .init("lc_monetary", "C"),
      .init("xmloption", "content"), .init("standard_conforming_strings", "on"),
      // One backend is all that a look at the catalog may take, and compiling costs more than it brings.
      .init("max_parallel_workers_per_gather", "0"), .init("jit", "off"), .init("row_security", "on"),
      .init("quote_all_identifiers", "off"),
    ]
    return session
  }

  static let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
}

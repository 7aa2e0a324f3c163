/// Passwords, tokens and the like never leave the server: statement texts and definitions are masked there.
enum Masking {
  private static let word = "(?:passw(?:or)?d|secret|token|credential|passphrase|api_?key|access_?key)"

  /// `text` with `****` for: a string after such a word (`PASSWORD '…'`, `app.token = '…'`), its value in a connection
  /// string (`password=…`), and the password of a URI. Literals of ordinary queries are not meant: pg_stat_statements
  /// keeps none.
  static func sql(_ text: String) -> String {
    let string = literal(#"(\#(word)\w*["\s]*(?:=|,|:=|=>)?\s*(?:as\s+|to\s+)?)(?:E|U&)?'(?:[^']|'')*'"#)
    let dollars = literal(#"(\#(word)\w*["\s]*(?:=|,|:=|=>)?\s*(?:as\s+|to\s+)?)\$(\w*)\$.*?\$\2\$"#)
    let conninfo = literal(#"(\#(word)\w*\s*=\s*)[^\s'"&;,)*$]+"#)
    let uri = literal(#"(://[^:/@\s'"]*):[^@\s'"]*@"#)
    return """
      CASE WHEN \(text) ~* \(literal(word + "|://")) THEN
      pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(\(text),
      \(string), \(literal(#"\1'****'"#)), 'gi'),
      \(dollars), \(literal(#"\1'****'"#)), 'gi'),
      \(conninfo), \(literal(#"\1****"#)), 'gi'),
      \(uri), \(literal(#"\1:****@"#)), 'g')
      ELSE \(text) END
      """
  }

  /// A SQL string whose backslashes are plain characters (`standard_conforming_strings`).
  private static func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}

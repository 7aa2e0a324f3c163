/// Passwords, tokens and the like never leave the server: statement texts and definitions are masked there.
///
/// What is left must still be the same statement to a parser: a column that is called `token` is compared and assigned
/// like any other.
enum Masking {
  /// The file of accounts that every Unix has holds none.
  private static let word = "(?:(?<!/etc/)passw(?:or)?d|secret|token|credential|passphrase|api_?key|access_?key)"

  /// Names whose values are secrets wherever they stand. A token may be anything.
  private static let secretName = "(?:(?<!/etc/)passw(?:or)?d|passphrase|secret)"

  private static let comparison =
    #"\s*(?:=|<>|!=|[<>]=?|!?~~?\*?|(?:not\s+)?i?like\M|is\s+(?:not\s+)?distinct\s+from\M)\s*"#
  /// Casts and parentheses behind an operand, as the server prints them.
  private static let casts = #"(?:\)|::[a-z][a-z ]*(?:\(\d+\))?)*"#

  /// From a column or parameter of such a name up to what it is compared with.
  private static let compared = #"\w*\#(secretName)\w*"?\#(casts)\#(comparison)(?:[\w.]*\()*"#

  /// Up to the default of a parameter or column of such a name.
  private static let defaulted =
    #"\w*\#(secretName)\w*"?\s+[a-z_"][\w. "\[\]]*(?:\(\d+(?:,\s*\d+)?\))?[\w ]*\s*(?:default\M|:?=)\s*\(?"#

  /// From behind a string to the name of a secret that it is compared with.
  private static let comparing = #"\#(casts)\#(comparison)[\w."(]*\#(secretName)"#

  /// `text` with the strings masked that a name of a secret is compared with, or has by default. What a string holds is
  /// no name. Where a backslash may escape a quote, nobody knows here where strings end, and all are masked.
  private static func values(_ text: String) -> String {
    let isList = literal(secretName + #"\w*"?\#(casts)\s*(?:(?:=|<>)\s*(?:any|all)\M|(?:not\s+)?in\s*\()"#)
    let behind = "(?:\(compared)|\(defaulted))\(quoted)"
    let pieces = literal(
      #"(\#(behind)|\#(quoted)\#(comparing)|'(?:[^']|'')*'|/\*(?:[^*]|\*[^/])*\*/|--[^\n]*|\w+|[^\w'/-]+|.)"#)
    let masked = """
      (SELECT pg_catalog.string_agg(CASE
      WHEN cut.piece[1] ~* \(literal("^\(behind)$")) THEN
      pg_catalog.regexp_replace(cut.piece[1], \(literal("\(quoted)$")), \(literal("'****'")), 'i')
      WHEN cut.piece[1] ~* \(literal("^\(quoted)\(comparing)$")) THEN
      pg_catalog.regexp_replace(cut.piece[1], \(literal("^\(quoted)")), \(literal("'****'")), 'i')
      ELSE cut.piece[1] END, '' ORDER BY cut.place)
      FROM pg_catalog.regexp_matches(\(text), \(pieces), 'gi') WITH ORDINALITY AS cut (piece, place))
      """
    return """
      CASE WHEN \(text) ~* \(isList) THEN \(strings(text))
      WHEN \(text) !~* \(literal("\(behind)|\(quoted)\(comparing)")) THEN \(text)
      WHEN pg_catalog.strpos(\(text), \(literal(#"\'"#))) > 0 THEN \(strings(text))
      ELSE \(masked) END
      """
  }

  /// Without any string but names of objects.
  private static func strings(_ text: String) -> String {
    "pg_catalog.regexp_replace(\(text), \(literal(#"'(?:[^']|'')*'(?!'|::reg)"#)), \(literal("'****'")), 'g')"
  }

  /// A column's default: a string is a secret where the column is called so.
  static func columnDefault(_ text: String, of name: String) -> String {
    "CASE WHEN \(name) ~* \(literal(secretName)) THEN \(strings(text)) ELSE \(definition(text)) END"
  }

  /// What clients call themselves, with the values of connection parameters masked that got there.
  static func clientName(_ text: String) -> String {
    "pg_catalog.regexp_replace(\(text), \(literal(#"(\#(word)\w*\s*[=:]\s*)\S+"#)), \(literal(#"\1****"#)), 'gi')"
  }

  /// What a name that is given a secret may hold, in code of which nothing else is known.
  private static let codeWord = word + #"|pwd|\mpw\M|_pw\M|\mpw_|pass_?phrase|private_?key|bearer|\mcurl\M"#

  /// `text` with `****` for: a string after such a word (`PASSWORD '…'`, `app.token = '…'`), its value in a connection
  /// string (`password=…`), the password of a URI, and what `code` masks. Literals of ordinary queries are not meant:
  /// pg_stat_statements keeps none.
  static func sql(_ text: String) -> String {
    let string = literal("(\(before))\(quoted)")
    let dollars = literal(#"(\#(before))\$(\w*)\$.*?\$\2\$"#)
    return """
      CASE WHEN \(text) ~* \(literal(codeWord + #"|://|\mprogram\M"#)) THEN (SELECT
      pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(masked.text,
      \(string), \(literal(#"\1'****'"#)), 'gi'), \(dollars), \(literal(#"\1'****'"#)), 'gi'),
      \(uri), \(literal(#"\1:****@"#)), 'g')
      FROM (SELECT \(values("linked.text")) AS text FROM (SELECT \(connections("plain.text")) AS text FROM
      (SELECT \(code(text)) AS text OFFSET 0) AS plain OFFSET 0) AS linked OFFSET 0) AS masked)
      ELSE \(text) END
      """
  }

  /// DO blocks, functions and procedures in which such a word occurs, without any literal or comment of their body, and
  /// COPY … PROGRAM without its command. A body puts statements together from literals, with quotes doubled as often as
  /// they are nested, and hands a secret from one place to another: where it ends up is not for a pattern to tell.
  private static func code(_ text: String) -> String {
    let isCode = literal(
      #"^\#(gap)(?:do\M|create\M\#(gap)(?:or\M\#(gap)replace\M\#(gap))?(?:function|procedure)\M)"#)
    let isProgram = literal(#"^\#(gap)copy\M.*\mprogram\M"#)
    let tag = #"\$(?:[a-z_]\w*)?\$"#
    // Up to the dollar quote that the body begins with; a text without one is masked from its beginning.
    let head = literal(
      #"^((?:[^'$/-]|/(?!\*)|-(?!-)|\#(comment)|'(?:[^'\\]|'')*')*\#(tag))(.*)$"#)
    let pieces = literal(
      #"(\#(comment)|'(?:[^']|'')*'|\$((?:[a-z_]\w*)?)\$.*\$\2\$|[^'$/-]+|.)"#)
    let masked = """
      (SELECT pg_catalog.string_agg(CASE
      WHEN token.piece[1] ~ '^--' THEN \(literal("--****\n"))
      WHEN token.piece[1] ~ \(literal(#"^/\*"#)) THEN \(literal("/*****/"))
      WHEN token.piece[1] ~* \(literal(#"^(?:'|\$.*\$)"#)) THEN \(literal("'****'"))
      ELSE token.piece[1] END, '' ORDER BY token.place)
      FROM pg_catalog.regexp_matches(cut.body, \(pieces), 'gi') WITH ORDINALITY AS token (piece, place))
      """
    // Where a backslash may escape a quote, nobody knows here where the literal ends.
    return """
      CASE WHEN \(text) ~* \(isProgram) OR \(text) ~* \(isCode) AND \(text) ~* \(literal(codeWord)) THEN
      (SELECT cut.head || CASE WHEN pg_catalog.strpos(cut.body, \(literal(#"\'"#))) > 0
      THEN \(literal("****")) || COALESCE(pg_catalog.substring(cut.head, \(literal(#"(\$[^$]*\$)$"#))), '')
      ELSE \(masked) END FROM (SELECT COALESCE(found.part[1], '') AS head, COALESCE(found.part[2], \(text)) AS body
      FROM (SELECT CASE WHEN \(text) !~* \(isProgram) THEN pg_catalog.regexp_match(\(text), \(head), 'i') END AS part
      OFFSET 0) AS found OFFSET 0) AS cut)
      ELSE \(text) END
      """
  }

  private static let comment = #"/\*(?:[^*]|\*+[^*/])*\*+/|--[^\n]*(?:\n|$)"#

  /// A definition with the passwords in its connection strings and URIs masked, and with what columns are compared with
  /// that are called like secrets. Other literals in it are what the definition is about.
  static func definition(_ text: String) -> String {
    """
    CASE WHEN pg_catalog.strpos(\(text), '''') > 0 AND \(text) ~* \(literal(word + "|://")) THEN
    (SELECT pg_catalog.regexp_replace(\(values("linked.text")), \(uri), \(literal(#"\1:****@"#)), 'g')
    FROM (SELECT \(connections(text)) AS text OFFSET 0) AS linked) ELSE \(text) END
    """
  }

  private static let uri = literal(#"(://[^:/@\s'"]*):[^@\s'"]*@"#)

  /// What may stand between two words.
  private static let gap = #"(?:\s|/\*(?:[^*]|\*[^/])*\*/|--[^\n]*\n)*"#
  /// From the word to the string behind it.
  private static let before = word + #"\w*['"]?\#(gap)(?:=|,|:=|=>)?\#(gap)(?:(?:as|to)\s\#(gap))?"#
  /// A string with all that continues it. Whether a backslash escapes is not known here (E'…',
  /// `standard_conforming_strings`), so the longer reading is taken: too much is masked, never too little.
  private static let quoted =
    #"(?:E|U&)?(?:'(?:[^']|'')*'|'(?:[^'\\]|''|\\.)*')(?:\s*\n\s*'(?:[^']|'')*')*"#

  /// `text` with the values of connection parameters masked, in string literals and comments only: outside of them
  /// `token = new.token` is no password. A string in dollar quotes that is a connection string is looked for everywhere,
  /// since what else is in dollar quotes is code.
  private static func connections(_ text: String) -> String {
    let value = #"(?:''(?:[^'\\]|\\.)*''|\\'(?:[^'\\]|\\[^'])*\\'|(?:[^\s'\\]|\\.|'')+)"#
    let inside = literal(#"(\#(word)\w*\s*=\s*)\#(value)"#)
    let anywhere = literal(#"(\#(word)\w*\s*=\s*)[^\s'"&;,)*$]+"#)
    let dollarQuoted = literal(
      #"\$\w*\$\s*(?:[a-z_]+\s*=\s*\S+\s+)*(?:\#(word)|host|hostaddr|port|user|dbname|service|sslmode)\w*\s*="#)
    let pieces = literal(
      #"(/\*(?:[^*]|\*[^/])*\*/|--[^\n]*|'(?:[^']|'')*'|'(?:[^'\\]|''|\\.)*'|[^'/-]+|.)"#)
    return """
      CASE WHEN \(text) ~* \(dollarQuoted) THEN
      pg_catalog.regexp_replace(\(text), \(anywhere), \(literal(#"\1****"#)), 'gi') ELSE
      (SELECT pg_catalog.string_agg(CASE WHEN cut.piece[1] ~ \(literal(#"^('|/\*|--)"#))
      THEN pg_catalog.regexp_replace(cut.piece[1], \(inside), \(literal(#"\1****"#)), 'gi') ELSE cut.piece[1] END,
      '' ORDER BY cut.place) FROM pg_catalog.regexp_matches(\(text), \(pieces), 'g') WITH ORDINALITY AS cut (piece, place)) END
      """
  }

  /// A SQL string whose backslashes are plain characters (`standard_conforming_strings`).
  private static func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}

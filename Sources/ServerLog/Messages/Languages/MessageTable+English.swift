extension MessageTable {
  static let english = MessageTable(
    language: "en",
    severities: [
      ("LOG", .log), ("ERROR", .error), ("WARNING", .warning), ("FATAL", .fatal), ("PANIC", .panic),
      ("NOTICE", .notice), ("INFO", .info), ("DEBUG", .debug), ("DEBUG1", .debug), ("DEBUG2", .debug),
      ("DEBUG3", .debug), ("DEBUG4", .debug), ("DEBUG5", .debug),
    ],
    parts: [
      ("DETAIL:  ", .detail), ("STATEMENT:  ", .statement), ("CONTEXT:  ", .context), ("HINT:  ", .hint),
      ("QUERY:  ", .query), ("LOCATION:  ", .location), ("BACKTRACE:  ", .backtrace),
    ],
    durations: [
      ("duration: ", " ms  statement: ", .statement, nil), ("duration: ", " ms  parse ", .parse, ": "),
      ("duration: ", " ms  bind ", .bind, ": "), ("duration: ", " ms  execute ", .execute, ": "),
      ("duration: ", " ms  execute fetch from ", .execute, ": "),
      ("duration: ", " ms  fastpath function call: ", .fastpath, nil), ("duration: ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("statement: ", .statementStart, nil), ("execute ", .executeStart, ": "),
      ("execute fetch from ", .executeStart, ": "),
    ],
    // Written with a capital since PostgreSQL 17.
    parameters: ["parameters: ", "Parameters: "], unknown: "[unknown]", atCharacter: (" at character ", ""))
}

/// The words of one language's server messages that the reader has to know: severities, the parts of an entry, and the
/// forms of the duration messages.
///
/// The texts are those of PostgreSQL's message catalogues (`src/backend/po`): `duration: %s ms  statement: %s` and its
/// like in `src/backend/tcop/postgres.c`, the words of `error_severity` and `send_message_to_server_log` in
/// `src/backend/utils/error/elog.c`.
struct MessageTable: Sendable {
  let language: String
  /// Each with `:  ` after it, as stderr has it.
  let severities: Immortal<(phrase: Phrase, severity: Severity)>
  /// The bare words, as csvlog has them.
  let severityWords: Immortal<(phrase: Phrase, severity: Severity)>
  let parts: Immortal<(phrase: Phrase, part: EntryPart)>
  /// What stands before the number of a duration, with the blank.
  let durationLead: Phrase
  /// What stands after the number; the longest first. Nothing but the unit is a bare duration.
  let durationForms: Immortal<DurationForm>
  /// `statement: ` and `execute NAME: ` without a duration.
  let startForms: Immortal<DurationForm>
  /// `parameters: ` in DETAIL, in each wording.
  let parameters: Immortal<Phrase>
  /// ` at character ` at the end of a message (stderr only).
  let atCharacter: Phrase

  /// What follows the number of a duration, or begins a message of `log_statement`.
  struct DurationForm: Sendable {
    let phrase: Phrase
    let kind: LogEntry.Kind
    /// Whether a statement's name (and portal) stands between the phrase and `separator`.
    let isNamed: Bool
    /// What ends the name.
    let separator: Phrase
  }

  init(
    language: String, severities: [(String, Severity)], parts: [(String, EntryPart)], durationLead: String,
    durationForms: [(String, LogEntry.Kind, String?)], startForms: [(String, LogEntry.Kind, String?)],
    parameters: [String], atCharacter: String
  ) {
    self.language = language
    self.severities = Immortal(severities.map { (Phrase($0.0 + ":  "), $0.1) })
    severityWords = Immortal(severities.map { (Phrase($0.0), $0.1) })
    self.parts = Immortal(parts.map { (Phrase($0.0 + ":  "), $0.1) })
    self.durationLead = Phrase(durationLead)
    func forms(_ forms: [(String, LogEntry.Kind, String?)]) -> Immortal<DurationForm> {
      Immortal(
        forms.sorted { $0.0.utf8.count > $1.0.utf8.count }.map {
          DurationForm(phrase: Phrase($0.0), kind: $0.1, isNamed: $0.2 != nil, separator: Phrase($0.2 ?? ""))
        })
    }
    self.durationForms = forms(durationForms)
    self.startForms = forms(startForms)
    self.parameters = Immortal(parameters.map { Phrase($0) })
    self.atCharacter = Phrase(atCharacter)
  }

  static let english = MessageTable(
    language: "en",
    severities: [
      ("LOG", .log), ("ERROR", .error), ("WARNING", .warning), ("FATAL", .fatal), ("PANIC", .panic),
      ("NOTICE", .notice),
      ("INFO", .info), ("DEBUG", .debug), ("DEBUG1", .debug), ("DEBUG2", .debug), ("DEBUG3", .debug),
      ("DEBUG4", .debug), ("DEBUG5", .debug),
    ],
    parts: [
      ("DETAIL", .detail), ("STATEMENT", .statement), ("CONTEXT", .context), ("HINT", .hint), ("QUERY", .query),
      ("LOCATION", .location), ("BACKTRACE", .backtrace),
    ],
    durationLead: "duration: ",
    durationForms: [
      (" ms  statement: ", .statement, nil), (" ms  parse ", .parse, ": "), (" ms  bind ", .bind, ": "),
      (" ms  execute ", .execute, ": "), (" ms  execute fetch from ", .execute, ": "),
      (" ms  fastpath function call: ", .fastpath, nil), (" ms", .bareDuration, nil),
    ],
    startForms: [
      ("statement: ", .statementStart, nil), ("execute ", .executeStart, ": "),
      ("execute fetch from ", .executeStart, ": "),
    ],
    parameters: ["parameters: ", "Parameters: "], atCharacter: " at character ")
}

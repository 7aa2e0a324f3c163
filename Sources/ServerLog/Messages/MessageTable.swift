internal import Synchronization

/// The words of one language's server messages that the reader has to know: severities, the parts of an entry, and the
/// forms of the duration messages; and the events, as far as they are told by their text.
///
/// The texts are those of PostgreSQL's message catalogues (`src/backend/po`, installed as `postgres-15.mo`, readable
/// with msgunfmt(1)): `duration: %s ms  statement: %s` and its like in `src/backend/tcop/postgres.c`, the words of
/// `error_severity` and `send_message_to_server_log` in `src/backend/utils/error/elog.c`. One file in `Languages` for
/// each language.
struct MessageTable: Sendable {
  /// As the catalogue's directory is named: `de`, `zh_CN`.
  let language: String
  /// Each with `:  ` after it, as stderr has it.
  let severities: Immortal<(phrase: Phrase, severity: Severity)>
  /// The bare words, as csvlog has them, and with its commas.
  let severityWords: Immortal<(phrase: Phrase, csv: Phrase, severity: Severity)>
  let parts: Immortal<(phrase: Phrase, part: EntryPart)>
  let durations: Immortal<DurationGroup>
  /// `statement: ` and `execute NAME: ` without a duration.
  let starts: Immortal<DurationForm>
  /// `parameters: ` in DETAIL, in each wording.
  let parameters: Immortal<Phrase>
  /// What a prefix shows for a user, database or application before they are known.
  let unknown: String
  let unknownName: Phrase
  /// What stands before and behind the number in ` at character 15` (stderr only).
  let atCharacter: (before: Phrase, behind: Phrase)
  /// Events in this language and in English; none for English.
  let translations: [MessageTemplate]

  /// The forms of duration messages that begin alike.
  struct DurationGroup: Sendable {
    /// What stands before the number, with its blank.
    let lead: Phrase
    /// What stands behind it, the longest first. Nothing but the unit is a bare duration.
    let forms: Immortal<DurationForm>
  }

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
    language: String, severities: [(String, Severity)], parts: [(String, EntryPart)],
    durations: [(String, String, LogEntry.Kind, String?)], starts: [(String, LogEntry.Kind, String?)],
    parameters: [String], unknown: String, atCharacter: (String, String), translations: [(String, String)] = []
  ) {
    self.language = language
    self.severities = Immortal(severities.map { (Phrase($0.0 + ":  "), $0.1) })
    severityWords = Immortal(severities.map { (Phrase($0.0), Phrase("," + $0.0 + ","), $0.1) })
    self.parts = Immortal(parts.map { (Phrase($0.0), $0.1) })
    // The tables name `execute` first, then `execute fetch from`.
    let execute = durations.first { $0.2 == .execute }
    let durations = durations.map { form in
      form.2 == .execute && form.1 != execute?.1 ? (form.0, form.1, LogEntry.Kind.fetch, form.3) : form
    }
    let executeStart = starts.first { $0.1 == .executeStart }
    let starts = starts.map { form in
      form.1 == .executeStart && form.0 != executeStart?.0 ? (form.0, LogEntry.Kind.fetchStart, form.2) : form
    }
    func forms(_ forms: [(String, LogEntry.Kind, String?)]) -> Immortal<DurationForm> {
      // Swift's sort is stable: forms of equal length keep their order.
      Immortal(
        forms.sorted { $0.0.utf8.count > $1.0.utf8.count }.map {
          DurationForm(phrase: Phrase($0.0), kind: $0.1, isNamed: $0.2 != nil, separator: Phrase($0.2 ?? ""))
        })
    }
    var leads: [String] = []
    for duration in durations where !leads.contains(duration.0) { leads.append(duration.0) }
    self.durations = Immortal(
      leads.map { lead in
        DurationGroup(
          lead: Phrase(lead), forms: forms(durations.filter { $0.0 == lead }.map { ($0.1, $0.2, $0.3) }))
      })
    self.starts = forms(starts)
    self.parameters = Immortal(parameters.map { Phrase($0) })
    self.unknown = unknown
    unknownName = Phrase(unknown)
    self.atCharacter = (Phrase(atCharacter.0), Phrase(atCharacter.1))
    self.translations = translations.map { MessageTemplate(foreign: $0.0, english: $0.1) }
  }

  /// Every language, English first.
  static let all: [MessageTable] = [
    .english, .german, .spanish, .french, .italian, .japanese, .georgian, .korean, .russian, .swedish, .ukrainian,
    .simplifiedChinese,
  ]

  /// The tables as readers go over them, the same memory for the same languages.
  static func shared(_ tables: [MessageTable]) -> Immortal<MessageTable> {
    let languages = tables.map(\.language)
    return sharedTables.withLock { known in
      if let found = known[languages] { return found }
      let made = Immortal(tables)
      known[languages] = made
      return made
    }
  }

  private static let sharedTables = Mutex<[[String]: Immortal<MessageTable>]>([:])

  /// The tables to read a log of a language with: its own first, then English, which extensions and some of the
  /// server's messages are in.
  static func tables(_ language: String) -> [MessageTable] {
    guard language != english.language, let own = all.first(where: { $0.language == language }) else {
      return [english]
    }
    return [own, english]
  }
}

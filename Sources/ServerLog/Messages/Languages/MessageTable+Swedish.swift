extension MessageTable {
  static let swedish = MessageTable(
    language: "sv",
    severities: [
      ("LOGG", .log),
      ("FEL", .error),
      ("VARNING", .warning),
      ("FATALT", .fatal),
      ("PANIK", .panic),
      ("NOTIS", .notice),
      ("INFO", .info),
      ("DEBUG", .debug),
    ],
    parts: [
      ("DETALJ:  ", .detail),
      ("SATS:  ", .statement),
      ("KONTEXT:  ", .context),
      ("TIPS:  ", .hint),
      ("FRÅGA:  ", .query),
      ("PLATS:  ", .location),
      ("BACKTRACE:  ", .backtrace),
    ],
    durations: [
      ("varaktighet: ", " ms  sats: ", .statement, nil),
      ("varaktighet: ", " ms  parse ", .parse, ": "),
      ("varaktighet: ", " ms  bind ", .bind, ": "),
      ("varaktighet: ", " ms  kör ", .execute, ": "),
      ("varaktighet: ", " ms  kör hämtning från ", .execute, ": "),
      ("varaktighet: ", " ms  fastpath funktionsanrop: \"", .fastpath, nil),
      ("varaktighet ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("sats: ", .statementStart, nil),
      ("kör ", .executeStart, ": "),
      ("kör hämtning från ", .executeStart, ": "),
    ],
    parameters: ["parametrar: "], unknown: "[okänd]", atCharacter: (" vid tecken ", ""),
    translations: [
      (
        "checkpoint klar: skrev %d buffers (%.1f%%); %d WAL-fil(er) tillagda, %d borttagna, %d recyclade; skriv=%ld.%03d s, synk=%ld.%03d s, totalt=%ld.%03d s; synk-filer=%d, längsta=%ld.%03d s, genomsnitt=%ld.%03d s; distans=%d kB, estimat=%d kB",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "restartpoint klar: skrev %d buffers (%.1f%%); %d WAL-fil(er) tillagda, %d borttagna, %d recyclade; skriv=%ld.%03d s, synk=%ld.%03d s, totalt=%ld.%03d s; synk-filer=%d, längsta=%ld.%03d s, genomsnitt=%ld.%03d s; distans=%d kB, estimat=%d kB",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("temporär fil: sökväg \"%s\", storlek %lu", "temporary file: path \"%s\", size %lu"),
      (
        "process %d väntar fortfarande på %s för %s efter %ld.%03d ms",
        "process %d still waiting for %s on %s after %ld.%03d ms"
      ),
      ("process %d fick %s på %s efter %ld.%03d ms", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "process %d upptäckte deadlock medan den väntade på %s för %s efter %ld.%03d ms",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "process %d undvek deadlock på %s för %s genom att kasta om köordningen efter %ld.%03d ms",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("deadlock upptäckt", "deadlock detected"),
      ("avbryter sats på användares begäran", "canceling statement due to user request"),
      ("avbryter sats på grund av sats-timeout", "canceling statement due to statement timeout"),
      ("avbryter sats på grund av lås-timeout", "canceling statement due to lock timeout"),
      ("avbryter sats på grund av konflikt med återställning", "canceling statement due to conflict with recovery"),
      (
        "avslutar anslutning på grund av konflikt med återställning",
        "terminating connection due to conflict with recovery"
      ),
      (
        "terminerar anslutning på grund av idle-in-transaction-timeout",
        "terminating connection due to idle-in-transaction timeout"
      ),
      ("stänger anslutning på grund av idle-session-timeout", "terminating connection due to idle-session timeout"),
      (
        "avslutar anslutning på grund av ett administratörskommando",
        "terminating connection due to administrator command"
      ),
      ("avbryter autovacuum-uppgift", "canceling autovacuum task"),
      ("ansluting mottagen: värd=%s port=%s", "connection received: host=%s port=%s"),
      ("ansluting mottagen: värd=%s", "connection received: host=%s"),
      (
        "anslutning autentiserad: identitet=\"%s\" metod=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("anslutning auktoriserad: användare=%s", "connection authorized: user=%s"),
      (
        "nedkoppling: sessionstid: %d:%02d:%02d.%03d användare=%s databas=%s värd=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      (
        "automatisk vacuum av tabell \"%s.%s.%s\": indexskanningar: %d\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "automatisk vacuum av tabell \"%s.%s.%s\": indexskanningar: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "automatisk vacuum för att förhindra \"wraparound\" av tabell \"%s.%s.%s\": indexskanningar: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "automatisk aggressiv vacuum för att förhindra \"wraparound\" av tabell \"%s.%s.%s\": indexskanningar: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("automatisk analys av tabell \"%s.%s.%s\"\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("databassystemet är redo att ta emot anslutningar", "database system is ready to accept connections"),
      (
        "databassystemet avbröts; senast kända upptidpunkt vid %s",
        "database system was interrupted; last known up at %s"
      ),
      ("avslutar andra aktiva serverprocesser", "terminating any other active server processes"),
      ("%s (PID %d) terminerades av signal %d: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("Lösenordsautentisering misslyckades för användare \"%s\"", "password authentication failed for user \"%s\""),
      (
        "databas \"%s\" måste städas (vacuum) inom %u transaktioner",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "databasen tar inte emot kommandon för att förhinda dataförlust vid \"wraparound\" i databasen \"%s\"",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "databasen tar inte emot kommandon för att förhinda dataförlust vid wraparound i databas med OID %u",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "databas med OID %u måste städas (vacuum) inom %u transaktioner",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "ingen rad i pg_hba.conf för värd \"%s\", användare \"%s\", databas \"%s\", %s",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "ingen rad i pg_hba.conf för replikeringsanslutning från värd \"%s\", användare \"%s\", %s",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "återställning slutade vänta efter efter %ld.%03d ms: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "återställning väntar fortfarande efter %ld.%03d ms: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "rollen \"%s\" finns inte",
        "role \"%s\" does not exist"
      ),
      (
        "roll \"%s\" tillåts inte logga in",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

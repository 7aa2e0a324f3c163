extension MessageTable {
  static let german = MessageTable(
    language: "de",
    severities: [
      ("LOG", .log),
      ("FEHLER", .error),
      ("WARNUNG", .warning),
      ("FATAL", .fatal),
      ("PANIK", .panic),
      ("HINWEIS", .notice),
      ("INFO", .info),
      ("DEBUG", .debug),
    ],
    parts: [
      ("DETAIL:  ", .detail),
      ("ANWEISUNG:  ", .statement),
      ("ZUSAMMENHANG:  ", .context),
      ("TIPP:  ", .hint),
      ("ANFRAGE:  ", .query),
      ("ORT:  ", .location),
      ("BACKTRACE:  ", .backtrace),
    ],
    durations: [
      ("Dauer: ", " ms  Anweisung: ", .statement, nil),
      ("Dauer: ", " ms  Parsen ", .parse, ": "),
      ("Dauer: ", " ms  Binden ", .bind, ": "),
      ("Dauer: ", " ms  Ausführen ", .execute, ": "),
      ("Dauer: ", " ms  Ausführen Fetch von ", .execute, ": "),
      ("Dauer: ", " ms  Fastpath-Funktionsaufruf: »", .fastpath, nil),
      ("Dauer: ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("Anweisung: ", .statementStart, nil),
      ("Ausführen ", .executeStart, ": "),
      ("Ausführen Fetch von ", .executeStart, ": "),
    ],
    parameters: ["Parameter: "], unknown: "[unbekannt]", atCharacter: (" bei Zeichen ", ""),
    translations: [
      (
        "Checkpoint komplett: %d Puffer geschrieben (%.1f%%); %d WAL-Datei(en) hinzugefügt, %d entfernt, %d wiederverwendet; Schreiben=%ld,%03d s, Sync=%ld,%03d s, gesamt=%ld,%03d s; sync. Dateien=%d, längste=%ld,%03d s, Durchschnitt=%ld.%03d s; Entfernung=%d kB, Schätzung=%d kB",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "Restart-Punkt komplett: %d Puffer geschrieben (%.1f%%); %d WAL-Datei(en) hinzugefügt, %d entfernt, %d wiederverwendet; Schreiben=%ld,%03d s, Sync=%ld,%03d s, gesamt=%ld,%03d s; sync. Dateien=%d, längste=%ld,%03d s, Durchschnitt=%ld.%03d s; Entfernung=%d kB, Schätzung=%d kB",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("temporäre Datei: Pfad »%s«, Größe %lu", "temporary file: path \"%s\", size %lu"),
      (
        "Prozess %d wartet immer noch auf %s-Sperre auf %s nach %ld,%03d ms",
        "process %d still waiting for %s on %s after %ld.%03d ms"
      ),
      ("Prozess %d erlangte %s-Sperre auf %s nach %ld,%03d ms", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "Prozess %d hat Verklemmung festgestellt beim Warten auf %s-Sperre auf %s nach %ld,%03d ms",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "Prozess %d vermied Verklemmung wegen %s-Sperre auf %s durch Umordnen der Queue nach %ld,%03d ms",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("Verklemmung (Deadlock) entdeckt", "deadlock detected"),
      ("storniere Anfrage wegen Benutzeraufforderung", "canceling statement due to user request"),
      ("storniere Anfrage wegen Zeitüberschreitung der Anfrage", "canceling statement due to statement timeout"),
      ("storniere Anfrage wegen Zeitüberschreitung einer Sperre", "canceling statement due to lock timeout"),
      (
        "storniere Anfrage wegen Konflikt mit der Wiederherstellung",
        "canceling statement due to conflict with recovery"
      ),
      (
        "Verbindung wird abgebrochen wegen Konflikt mit der Wiederherstellung",
        "terminating connection due to conflict with recovery"
      ),
      (
        "Verbindung wird abgebrochen wegen Zeitüberschreitung in inaktiver Transaktion",
        "terminating connection due to idle-in-transaction timeout"
      ),
      (
        "Verbindung wird abgebrochen wegen Zeitüberschreitung in inaktiver Sitzung",
        "terminating connection due to idle-session timeout"
      ),
      (
        "Verbindung wird abgebrochen aufgrund von Anweisung des Administrators",
        "terminating connection due to administrator command"
      ),
      ("storniere Autovacuum-Aufgabe", "canceling autovacuum task"),
      ("Verbindung empfangen: Host=%s Port=%s", "connection received: host=%s port=%s"),
      ("Verbindung empfangen: Host=%s", "connection received: host=%s"),
      (
        "Verbindung authentifiziert: Identität=»%s« Methode=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("Verbindung autorisiert: Benutzer=%s", "connection authorized: user=%s"),
      (
        "Verbindungsende: Sitzungszeit: %d:%02d:%02d.%03d Benutzer=%s Datenbank=%s Host=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      (
        "automatisches Vacuum der Tabelle »%s.%s.%s«: Index-Scans: %d\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "automatisches aggressives Vacuum der Tabelle »%s.%s.%s«: Index-Scans: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "automatisches Vacuum um Überlauf zu verhindern in der Tabelle »%s.%s.%s«: Index-Scans: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "automatisches aggressives Vacuum um Überlauf zu verhindern in der Tabelle »%s.%s.%s«: Index-Scans: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("automatisches Analysieren der Tabelle »%s.%s.%s«\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("Datenbanksystem ist bereit, um Verbindungen anzunehmen", "database system is ready to accept connections"),
      (
        "Datenbanksystem wurde unterbrochen; letzte bekannte Aktion am %s",
        "database system was interrupted; last known up at %s"
      ),
      ("aktive Serverprozesse werden abgebrochen", "terminating any other active server processes"),
      ("%s (PID %d) wurde von Signal %d beendet: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("Passwort-Authentifizierung für Benutzer »%s« fehlgeschlagen", "password authentication failed for user \"%s\""),
      (
        "Datenbank »%s« muss innerhalb von %u Transaktionen gevacuumt werden",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "Datenbank nimmt keine Befehle an, um Datenverlust wegen Transaktionsnummernüberlauf in Datenbank »%s« zu vermeiden",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "Datenbank nimmt keine Befehle an, um Datenverlust wegen Transaktionsnummernüberlauf in Datenbank mit OID %u zu vermeiden",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "Datenbank mit OID %u muss innerhalb von %u Transaktionen gevacuumt werden",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "kein pg_hba.conf-Eintrag für Host »%s«, Benutzer »%s«, Datenbank »%s«, %s",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "kein pg_hba.conf-Eintrag für Replikationsverbindung von Host »%s«, Benutzer »%s«, %s",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "Warten der Wiederherstellung beendet nach %ld,%03d ms: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "Wiederherstellung wartet immer noch nach %ld,%03d ms: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "Rolle »%s« existiert nicht",
        "role \"%s\" does not exist"
      ),
      (
        "Rolle »%s« hat keine Berechtigung zum Einloggen",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

extension MessageTable {
  static let italian = MessageTable(
    language: "it",
    severities: [
      ("LOG", .log),
      ("ERRORE", .error),
      ("ATTENZIONE", .warning),
      ("FATALE", .fatal),
      ("PANICO", .panic),
      ("NOTIFICA", .notice),
      ("INFO", .info),
      ("DEBUG", .debug),
    ],
    parts: [
      ("DETTAGLI:  ", .detail),
      ("ISTRUZIONE:  ", .statement),
      ("CONTESTO:  ", .context),
      ("SUGGERIMENTO:  ", .hint),
      ("QUERY:  ", .query),
      ("POSIZIONE:  ", .location),
      ("BACKTRACE:  ", .backtrace),
    ],
    durations: [
      ("durata: ", " ms  istruzione: ", .statement, nil),
      ("durata: ", " ms  analisi di ", .parse, ": "),
      ("durata: ", " ms  bind ", .bind, ": "),
      ("durata: ", " ms  esecuzione di ", .execute, ": "),
      ("durata: ", " ms  esecuzione di fetch da ", .execute, ": "),
      ("durata: ", " ms  chiamata funzione fastpath: \"", .fastpath, nil),
      ("durata: ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("istruzione: ", .statementStart, nil),
      ("esecuzione di ", .executeStart, ": "),
      ("esecuzione di fetch da ", .executeStart, ": "),
    ],
    parameters: ["parametri: "], unknown: "[sconosciuto]", atCharacter: (" al carattere ", ""),
    translations: [
      (
        "checkpoint completato: ha scritto %d buffer (%.1f%%); %d file WAL aggiunti, %d rimossi, %d riciclati; scrittura=%ld.%03d s, sincronizzazione=%ld.%03d s, totale=%ld.%03d s; file di sincronizzazione=%d, più lungo=%ld.%03d s, medio=%ld.%03d s; distanza=%d kB, stima=%d kB",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "punto di riavvio completato: ha scritto %d buffer (%.1f%%); %d file WAL aggiunti, %d rimossi, %d riciclati; scrittura=%ld.%03d s, sincronizzazione=%ld.%03d s, totale=%ld.%03d s; file di sincronizzazione=%d, più lungo=%ld.%03d s, medio=%ld.%03d s; distanza=%d kB, stima=%d kB",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("file temporaneo: percorso \"%s\", dimensione %lu", "temporary file: path \"%s\", size %lu"),
      (
        "il processo %d è ancora un attesa di %s su %s dopo %ld.%03d ms",
        "process %d still waiting for %s on %s after %ld.%03d ms"
      ),
      ("il processo %d ha acquisito %s su %s dopo %ld.%03d ms", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "il processo %d ha individuato un deadlock mentre era in attesa di %s su %s dopo %ld.%03d ms",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "il processo %d ha evitato un deadlock per %s su %s modificando l'ordine della coda dopo %ld.%03d ms",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("rilevato deadlock", "deadlock detected"),
      ("annullamento dell'istruzione su richiesta dell'utente", "canceling statement due to user request"),
      ("annullamento dell'istruzione a causa di timeout", "canceling statement due to statement timeout"),
      ("annullamento dell'istruzione a causa di timeout di lock", "canceling statement due to lock timeout"),
      (
        "annullamento dell'istruzione a causa di un conflitto con il ripristino",
        "canceling statement due to conflict with recovery"
      ),
      (
        "interruzione della connessione a causa di conflitto con il ripristino",
        "terminating connection due to conflict with recovery"
      ),
      (
        "la connessione è stata terminata a causa di timeout di inattività durante una transazione",
        "terminating connection due to idle-in-transaction timeout"
      ),
      (
        "terminazione della connessione a causa del timeout della sessione inattiva",
        "terminating connection due to idle-session timeout"
      ),
      (
        "interruzione della connessione su comando dell'amministratore",
        "terminating connection due to administrator command"
      ),
      ("annullamento del task di autovacuum", "canceling autovacuum task"),
      ("connessione ricevuta: host=%s porta=%s", "connection received: host=%s port=%s"),
      ("connessione ricevuta: host=%s", "connection received: host=%s"),
      (
        "connessione autenticata: identity=\"%s\" metodo=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("connessione autorizzata: utente=%s", "connection authorized: user=%s"),
      (
        "disconnessione: tempo della sessione: %d:%02d:%02d.%03d utente=%s database=%s host=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      (
        "vacuum automatico della tabella \"%s.%s.%s\": scan di indici: %d\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "vacuum automatico aggressivo della tabella \"%s.%s.%s\": scansioni di indici: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "vacuum  automatico per impedire l'avvolgimento della tabella \"%s.%s.%s\": scansioni dell'indice: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "vacuum automatico aggressivo della tabella \"%s.%s.%s\": scansioni di indici: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("analisi automatica della tabella \"%s.%s.%s\"\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("il database è pronto ad accettare connessioni", "database system is ready to accept connections"),
      (
        "il database è stato interrotto; l'ultimo segno di vita risale alle %s",
        "database system was interrupted; last known up at %s"
      ),
      ("interruzione di tutti gli altri processi attivi del server", "terminating any other active server processes"),
      ("%s (PID %d) è stato terminato dal segnale %d: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("autenticazione con password fallita per l'utente \"%s\"", "password authentication failed for user \"%s\""),
      (
        "è necessario eseguire il VACUUM sul database \"%s\" entro %u transazioni",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "il database non accetta comandi per evitare perdita di dati per wraparound \"%s\"",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "il database non accetta comandi per evitare perdita di dati per wraparound nel database con OID %u",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "è necessario eseguire il VACUUM sul database con OID %u entro %u transazioni",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "nessuna voce in pg_hba.conf per l'host \"%s\", utente \"%s\", database \"%s\", %s",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "nessuna voce in pg_hba.conf per connessioni di replica da host \"%s\", utente \"%s\", database \"%s\"",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "recupero terminato in attesa dopo %ld.%03d ms: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "recupero ancora in attesa dopo %ld.%03d ms: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "il ruolo \"%s\" non esiste",
        "role \"%s\" does not exist"
      ),
      (
        "al ruolo \"%s\" non è consentito effettuare il login",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

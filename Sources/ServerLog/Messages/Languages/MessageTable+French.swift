extension MessageTable {
  static let french = MessageTable(
    language: "fr",
    severities: [
      ("LOG", .log),
      ("ERREUR", .error),
      ("ATTENTION", .warning),
      ("FATAL", .fatal),
      ("PANIC", .panic),
      ("NOTICE", .notice),
      ("INFO", .info),
      ("DEBUG", .debug),
    ],
    parts: [
      ("DÉTAIL:  ", .detail),
      ("INSTRUCTION :  ", .statement),
      ("CONTEXTE :  ", .context),
      ("ASTUCE :  ", .hint),
      ("REQUÊTE :  ", .query),
      ("EMPLACEMENT :  ", .location),
      ("PILE D'APPEL : ", .backtrace),
    ],
    durations: [
      ("durée : ", " ms, instruction : ", .statement, nil),
      ("durée : ", " ms, analyse ", .parse, " : "),
      ("durée : ", " ms, lien ", .bind, " : "),
      ("durée : ", " ms  exécute ", .execute, ": "),
      ("durée : ", " ms  exécute fetch à partir de ", .execute, ": "),
      ("durée : ", " ms, appel de fonction fastpath : « ", .fastpath, nil),
      ("durée : ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("instruction : ", .statementStart, nil),
      ("exécute ", .executeStart, ": "),
      ("exécute fetch à partir de ", .executeStart, ": "),
    ],
    parameters: ["paramètres : "], unknown: "[inconnu]", atCharacter: (" au caractère ", ""),
    translations: [
      (
        "checkpoint terminé : a écrit %d tampons (%.1f%%); %d fichiers WAL ajoutés, %d supprimés, %d recyclés ; écriture=%ld.%03d s, synchronisation=%ld.%03d s, total=%ld.%03d s; fichiers synchronisés=%d, plus long=%ld.%03d s, moyenne=%ld.%03d s; distance=%d kB, estimation=%d kB",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "restartpoint terminé : a écrit %d tampons (%.1f%%); %d fichiers WAL ajoutés, %d supprimés, %d recyclés ; écriture=%ld.%03d s, synchronisation=%ld.%03d s, total=%ld.%03d s; fichiers synchronisés=%d, plus long=%ld.%03d s, moyenne=%ld.%03d s; distance=%d kB, estimation=%d kB",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("fichier temporaire : chemin « %s », taille %lu", "temporary file: path \"%s\", size %lu"),
      (
        "le processus %d est toujours en attente de %s sur %s après %ld.%03d ms",
        "process %d still waiting for %s on %s after %ld.%03d ms"
      ),
      ("le processus %d a acquis %s sur %s après %ld.%03d ms", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "le processus %d a détecté un verrou mortel alors qu'il était en attente de\n%s sur %s après %ld.%03d ms",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "le processus %d a évité un verrou mortel pour %s sur %s en modifiant l'ordre\nde la queue après %ld.%03d ms",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("interblocage (deadlock) détecté", "deadlock detected"),
      ("annulation de la requête à la demande de l'utilisateur", "canceling statement due to user request"),
      (
        "annulation de la requête à cause du délai écoulé pour l'exécution de l'instruction",
        "canceling statement due to statement timeout"
      ),
      (
        "annulation de la requête à cause du délai écoulé pour l'obtention des verrous",
        "canceling statement due to lock timeout"
      ),
      (
        "annulation de la requête à cause d'un conflit avec la restauration",
        "canceling statement due to conflict with recovery"
      ),
      (
        "arrêt de la connexion à cause d'un conflit avec la restauration",
        "terminating connection due to conflict with recovery"
      ),
      (
        "arrêt des connexions suite à l'expiration du délai d'inactivité en transaction",
        "terminating connection due to idle-in-transaction timeout"
      ),
      (
        "arrêt des connexions suite à l'expiration du délai d'inactivité de la session",
        "terminating connection due to idle-session timeout"
      ),
      (
        "arrêt des connexions suite à la demande de l'administrateur",
        "terminating connection due to administrator command"
      ),
      ("annulation de la tâche d'autovacuum", "canceling autovacuum task"),
      ("connexion reçue : hôte=%s port=%s", "connection received: host=%s port=%s"),
      ("connexion reçue : hôte=%s", "connection received: host=%s"),
      (
        "connexion authentifiée : identité=\"%s\" méthode=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("connexion autorisée : utilisateur=%s", "connection authorized: user=%s"),
      (
        "déconnexion : durée de la session : %d:%02d:%02d.%03d\nutilisateur=%s base=%s hôte=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      (
        "VACUUM automatique de la table « %s.%s.%s » : %d parcours d'index\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "VACUUM automatique agressif de la table « %s.%s.%s » : %d parcours d'index\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "VACUUM automatique pour éviter un rebouclage des identifiants de transaction dans la table « %s.%s.%s » : parcours d'index : %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "VACUUM automatique agressif pour éviter un rebouclage des identifiants de transaction dans la table « %s.%s.%s »  : %d parcours d'index\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("ANALYZE automatique de la table « %s.%s.%s »\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      (
        "le système de bases de données est prêt pour accepter les connexions",
        "database system is ready to accept connections"
      ),
      (
        "le système de bases de données a été interrompu ; dernier lancement connu à %s",
        "database system was interrupted; last known up at %s"
      ),
      ("arrêt des autres processus serveur actifs", "terminating any other active server processes"),
      ("%s (PID %d) a été arrêté par le signal %d : %s", "%s (PID %d) was terminated by signal %d: %s"),
      (
        "authentification par mot de passe échouée pour l'utilisateur  « %s »",
        "password authentication failed for user \"%s\""
      ),
      (
        "un VACUUM doit être exécuté sur la base de données « %s » dans un maximum de\n%u transactions",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "la base de données n'accepte plus de requêtes pour éviter des pertes de\ndonnées à cause de la réinitialisation de l'identifiant de transaction dans\nla base de données « %s »",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "la base de données n'accepte plus de requêtes pour éviter des pertes de\ndonnées à cause de la réinitialisation de l'identifiant de transaction dans\nla base de données %u",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "un VACUUM doit être exécuté sur la base de données d'OID %u dans un maximum de\n%u transactions",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "aucune entrée dans pg_hba.conf pour l'hôte « %s », utilisateur « %s »,\nbase de données « %s », %s",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "aucune entrée dans pg_hba.conf pour la connexion de la réplication à partir de\nl'hôte « %s », utilisateur « %s », %s",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "la restauration a fini d'attendre après %ld.%03d ms : %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "restauration toujours en attente après %ld.%03d ms : %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "le rôle « %s » n'existe pas",
        "role \"%s\" does not exist"
      ),
      (
        "le rôle « %s » n'est pas autorisé à se connecter",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

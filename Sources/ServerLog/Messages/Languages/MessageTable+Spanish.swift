extension MessageTable {
  static let spanish = MessageTable(
    language: "es",
    severities: [
      ("LOG", .log),
      ("ERROR", .error),
      ("WARNING", .warning),
      ("FATAL", .fatal),
      ("PANIC", .panic),
      ("NOTICE", .notice),
      ("INFO", .info),
      ("DEBUG", .debug),
    ],
    parts: [
      ("DETALLE:  ", .detail),
      ("SENTENCIA:  ", .statement),
      ("CONTEXTO:  ", .context),
      ("HINT:  ", .hint),
      ("CONSULTA:  ", .query),
      ("UBICACIÓN:  ", .location),
      ("BACKTRACE:  ", .backtrace),
    ],
    durations: [
      ("duración: ", " ms  sentencia: ", .statement, nil),
      ("duración: ", " ms  parse: ", .parse, ": "),
      ("duración: ", " ms  bind ", .bind, ": "),
      ("duración: ", " ms  ejecutar ", .execute, ": "),
      ("duración: ", " ms  ejecutar fetch desde ", .execute, ": "),
      ("duración: ", " ms  llamada a función fastpath: «", .fastpath, nil),
      ("duración: ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("sentencia: ", .statementStart, nil),
      ("ejecutar ", .executeStart, ": "),
      ("ejecutar fetch desde ", .executeStart, ": "),
    ],
    parameters: ["parámetros: "], unknown: "[desconocido]", atCharacter: (" en carácter ", ""),
    translations: [
      (
        "checkpoint completado: se escribió %d buffers (%.1f%%); %d archivo(s) WAL añadido(s), %d eliminado(s), %d reciclado(s); escritura=%ld.%03d s, sincronización=%ld.%03d s, total=%ld.%03d s; archivos sincronizados=%d, más largo=%ld.%03d s, promedio=%ld.%03d s; distancia=%d kB, estimado=%d kB",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "restartpoint completado: se escribió %d buffers (%.1f%%); %d archivo(s) WAL añadido(s), %d eliminado(s), %d reciclado(s); escritura=%ld.%03d s, sincronización=%ld.%03d s, total=%ld.%03d s; archivos sincronizados=%d, más largo=%ld.%03d s, promedio=%ld.%03d s; distancia=%d kB, estimado=%d kB",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("archivo temporal: ruta «%s», tamaño %lu", "temporary file: path \"%s\", size %lu"),
      (
        "el proceso %d aún espera %s en %s después de %ld.%03d ms",
        "process %d still waiting for %s on %s after %ld.%03d ms"
      ),
      ("el proceso %d adquirió %s en %s después de %ld.%03d ms", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "el proceso %d detectó un deadlock mientras esperaba %s en %s después de %ld.%03d ms",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "el proceso %d evitó un deadlock para %s en %s reordenando la cola después de %ld.%03d ms",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("se ha detectado un deadlock", "deadlock detected"),
      ("cancelando la sentencia debido a una petición del usuario", "canceling statement due to user request"),
      (
        "cancelando la sentencia debido a que se agotó el tiempo de espera de sentencias",
        "canceling statement due to statement timeout"
      ),
      (
        "cancelando la sentencia debido a que se agotó el tiempo de espera de candados (locks)",
        "canceling statement due to lock timeout"
      ),
      (
        "cancelando la sentencia debido a un conflicto con la recuperación",
        "canceling statement due to conflict with recovery"
      ),
      (
        "terminando la conexión debido a un conflicto con la recuperación",
        "terminating connection due to conflict with recovery"
      ),
      (
        "terminando la conexión debido a que se agotó el tiempo de espera para transacciones abiertas inactivas",
        "terminating connection due to idle-in-transaction timeout"
      ),
      (
        "terminando la conexión debido a que se agotó el tiempo de espera para sesiones abiertas inactivas",
        "terminating connection due to idle-session timeout"
      ),
      (
        "terminando la conexión debido a una orden del administrador",
        "terminating connection due to administrator command"
      ),
      ("cancelando tarea de autovacuum", "canceling autovacuum task"),
      ("conexión recibida: host=%s port=%s", "connection received: host=%s port=%s"),
      ("conexión recibida: host=%s", "connection received: host=%s"),
      (
        "conexión autenticada: identidad=«%s» método=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("conexión autorizada: usuario=%s", "connection authorized: user=%s"),
      (
        "desconexión: duración de sesión: %d:%02d:%02d.%03d usuario=%s base=%s host=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      (
        "vacuum automático de la tabla «%s.%s.%s»: recorridos de índice: %d\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "vacuum agresivo automático de la tabla «%s.%s.%s»: recorridos de índice: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "vacuum automático para prevenir wraparound de la tabla «%s.%s.%s»: recorridos de índice: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "vacuum agresivo automático para prevenir wraparound de la tabla «%s.%s.%s»: recorridos de índice: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("análisis automático de la tabla «%s.%s.%s»\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      (
        "el sistema de bases de datos está listo para aceptar conexiones",
        "database system is ready to accept connections"
      ),
      (
        "el sistema de bases de datos fue interrumpido; última vez en funcionamiento en %s",
        "database system was interrupted; last known up at %s"
      ),
      ("terminando todos los otros procesos de servidor activos", "terminating any other active server processes"),
      ("%s (PID %d) fue terminado por una señal %d: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("la autentificación password falló para el usuario «%s»", "password authentication failed for user \"%s\""),
      (
        "base de datos «%s» debe ser limpiada dentro de %u transacciones",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "la base de datos no está aceptando órdenes para evitar pérdida de datos debido al problema del reciclaje de transacciones en la base de datos «%s»",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "la base de datos no está aceptando órdenes para evitar pérdida de datos debido al problema del reciclaje de transacciones en la base con OID %u",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "base de datos con OID %u debe ser limpiada dentro de %u transacciones",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "no hay una línea en pg_hba.conf para «%s», usuario «%s», base de datos «%s», %s",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "no hay una línea en pg_hba.conf para la conexión de replicación desde el servidor «%s», usuario «%s», %s",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "la recuperación terminó de esperar después de %ld.%03d ms: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "la recuperación aún está esperando después de %ld.%03d ms: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "no existe el rol «%s»",
        "role \"%s\" does not exist"
      ),
      (
        "al rol «%s» no se le permite conectarse",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

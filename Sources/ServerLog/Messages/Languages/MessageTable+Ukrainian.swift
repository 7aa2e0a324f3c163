extension MessageTable {
  static let ukrainian = MessageTable(
    language: "uk",
    severities: [
      ("ЗАПИСУВАННЯ", .log),
      ("ПОМИЛКА", .error),
      ("ПОПЕРЕДЖЕННЯ", .warning),
      ("ФАТАЛЬНО", .fatal),
      ("ПАНІКА", .panic),
      ("ПОВІДОМЛЕННЯ", .notice),
      ("ІНФОРМАЦІЯ", .info),
      ("НАЛАГОДЖЕННЯ", .debug),
    ],
    parts: [
      ("ВІДОМОСТІ:  ", .detail),
      ("ІНСТРУКЦІЯ:  ", .statement),
      ("КОНТЕКСТ:  ", .context),
      ("УКАЗІВКА:  ", .hint),
      ("ЗАПИТ:  ", .query),
      ("РОЗТАШУВАННЯ:  ", .location),
      ("ВІДСТЕЖУВАТИ:  ", .backtrace),
    ],
    durations: [
      ("тривалість: ", " мс, оператор: ", .statement, nil),
      ("тривалість: ", " мс, аналізування ", .parse, ": "),
      ("тривалість: ", " мс, повідомлення bind ", .bind, ": "),
      ("тривалість: ", " мс виконувати ", .execute, ": "),
      ("тривалість: ", " мс виконати витягнення з ", .execute, ": "),
      ("тривалість: ", " мс, виклик функції fastpath: \"", .fastpath, nil),
      ("тривалість: ", " мс", .bareDuration, nil),
    ],
    starts: [
      ("оператор: ", .statementStart, nil),
      ("виконувати ", .executeStart, ": "),
      ("виконати витягнення з ", .executeStart, ": "),
    ],
    parameters: ["параметри: "], unknown: "[unknown]", atCharacter: (" символ ", ""),
    translations: [
      (
        "контрольна точка завершена: записано %d буферів (%.1f%%); %d WAL файлів додано, %d видалено, %d перероблених; запис=%ld.%03d сек, синхронізація=%ld.%03d сек, усього=%ld.%03d сек; файли синхронізації=%d, найдовший=%ld.%03d сек, середній=%ld.%03d сек; дистанція=%d кб, приблизно=%d кб",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "точка перезапуску завершена: записано %d буферів (%.1f%%); %d WAL файлів додано, %d видалено, %d перероблених; запис=%ld.%03d сек, синхронізація=%ld.%03d сек, усього=%ld.%03d сек; файли синхронізації=%d, найдовший=%ld.%03d сек, середній=%ld.%03d сек; дистанція=%d кб, приблизно=%d кб",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("тимчасовий файл: шлях \"%s\", розмір %lu", "temporary file: path \"%s\", size %lu"),
      (
        "процес %d все ще чекає в режимі %s блокування %s після %ld.%03d мс",
        "process %d still waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "процес %d отримав в режимі %s блокування %s після %ld.%03d мс",
        "process %d acquired %s on %s after %ld.%03d ms"
      ),
      (
        "процес %d виявив взаємне блокування, чекаючи в режимі %s блокування %s після %ld.%03d мс",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "процес %d уникнув взаємного блокування, чекаючи в режимі %s блокування %s змінивши порядок черги після %ld.%03d мс",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("виявлено взаємне блокування", "deadlock detected"),
      ("виконання оператора скасовано по запиту користувача", "canceling statement due to user request"),
      ("виконання оператора скасовано через тайм-аут", "canceling statement due to statement timeout"),
      ("виконання оператора скасовано через тайм-аут блокування", "canceling statement due to lock timeout"),
      (
        "виконання оператора скасовано через конфлікт з процесом відновлення",
        "canceling statement due to conflict with recovery"
      ),
      (
        "завершення підключення через конфлікт з процесом відновлення",
        "terminating connection due to conflict with recovery"
      ),
      (
        "завершення підключення через тайм-аут бездіяльності в транзакції",
        "terminating connection due to idle-in-transaction timeout"
      ),
      (
        "завершення підключення через тайм-аут неактивного сеансу", "terminating connection due to idle-session timeout"
      ),
      ("завершення підключення по команді адміністратора", "terminating connection due to administrator command"),
      ("скасування завдання автоочистки", "canceling autovacuum task"),
      ("з'єднання отримано: хост=%s порт=%s", "connection received: host=%s port=%s"),
      ("з'єднання отримано: хост=%s", "connection received: host=%s"),
      (
        "підключення автентифіковано: ідентифікатор=\"%s\" метод=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("підключення авторизовано: користувач=%s", "connection authorized: user=%s"),
      (
        "відключення: час сеансу: %d:%02d:%02d.%03d користувач = %s база даних = %s хост = %s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      (
        "автоматичне очищення таблиці \"%s.%s.%s\": сканувань індексу: %d\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "автоматична агресивне очищення таблиці \"%s.%s.%s\": сканувань індексу: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "автоматичне очищення для запобігання зацикленню таблиці  \"%s.%s.%s\": сканування індексу: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "автоматичний агресивний вакуум для запобігання зацикленню таблиці \"%s.%s.%s\": сканування індексу: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("автоматичний аналіз таблиці \"%s.%s.%s\"\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("система бази даних готова до отримання підключення", "database system is ready to accept connections"),
      (
        "робота системи бази даних була перервана; останній момент роботи %s",
        "database system was interrupted; last known up at %s"
      ),
      ("завершення будь-яких інших активних серверних процесів", "terminating any other active server processes"),
      ("%s (PID %d) був перерваний сигналом %d: %s", "%s (PID %d) was terminated by signal %d: %s"),
      (
        "користувач \"%s\" не пройшов автентифікацію за допомогою пароля",
        "password authentication failed for user \"%s\""
      ),
      (
        "база даних \"%s\" повинна бути очищена (граничне число транзакцій: %u)",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "база даних не приймає команди, щоб уникнути втрати даних через зациклення транзакцій в БД \"%s\"",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "база даних не приймає команди задля уникнення втрати даних через зациклення транзакцій в базі даних з OID %u",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "база даних з OID %u повинна бути очищена (граничне число транзакцій: %u)",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "в pg_hba.conf немає запису для хосту \"%s\", користувача \"%s\", бази даних \"%s\", %s",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "в pg_hba.conf немає запису, що дозволяє підключення для реплікації з хосту \"%s\", користувача \"%s\", %s",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "відновлення закінчило очікування після %ld.%03d мс: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "відновлення все ще чекає, після %ld.%03d мс: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "роль \"%s\" не існує",
        "role \"%s\" does not exist"
      ),
      (
        "для ролі \"%s\" вхід не дозволений",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

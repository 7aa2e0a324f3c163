extension MessageTable {
  static let russian = MessageTable(
    language: "ru",
    severities: [
      ("СООБЩЕНИЕ", .log),
      ("ОШИБКА", .error),
      ("ПРЕДУПРЕЖДЕНИЕ", .warning),
      ("ВАЖНО", .fatal),
      ("ПАНИКА", .panic),
      ("ЗАМЕЧАНИЕ", .notice),
      ("ИНФОРМАЦИЯ", .info),
      ("ОТЛАДКА", .debug),
    ],
    parts: [
      ("ПОДРОБНОСТИ:  ", .detail),
      ("ОПЕРАТОР:  ", .statement),
      ("КОНТЕКСТ:  ", .context),
      ("ПОДСКАЗКА:  ", .hint),
      ("ЗАПРОС:  ", .query),
      ("ПОЛОЖЕНИЕ: ", .location),
      ("СТЕК:  ", .backtrace),
    ],
    durations: [
      ("продолжительность: ", " мс, оператор: ", .statement, nil),
      ("продолжительность: ", " мс, разбор ", .parse, ": "),
      ("продолжительность: ", " мс, сообщение Bind ", .bind, ": "),
      ("продолжительность: ", " мс  выполнение ", .execute, ": "),
      ("продолжительность: ", " мс  выборка из ", .execute, ": "),
      ("продолжительность ", " мс, вызов функции (через fastpath): \"", .fastpath, nil),
      ("продолжительность: ", " мс", .bareDuration, nil),
    ],
    starts: [
      ("оператор: ", .statementStart, nil),
      ("выполнение ", .executeStart, ": "),
      ("выборка из ", .executeStart, ": "),
    ],
    parameters: ["параметры: "], unknown: "[н/д]", atCharacter: (" (символ ", ")"),
    translations: [
      (
        "контрольная точка завершена: записано буферов: %d (%.1f%%); добавлено файлов WAL %d, удалено: %d, переработано: %d; запись=%ld.%03d сек., синхр.=%ld.%03d сек., всего=%ld.%03d сек.; синхронизировано_файлов=%d, самая_долгая_синхр.=%ld.%03d сек., средняя=%ld.%03d сек.; расстояние=%d КБ, ожидалось=%d КБ",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "точка перезапуска завершена: записано буферов: %d (%.1f%%); добавлено файлов WAL %d, удалено: %d, переработано: %d; запись=%ld.%03d сек., синхр.=%ld.%03d сек., всего=%ld.%03d сек.; синхронизировано_файлов=%d, самая_долгая_синхр.=%ld.%03d сек., средняя=%ld.%03d сек.; расстояние=%d КБ, ожидалось=%d КБ",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("временный файл: путь \"%s\", размер %lu", "temporary file: path \"%s\", size %lu"),
      (
        "процесс %d продолжает ожидать в режиме %s блокировку \"%s\" в течение %ld.%03d мс",
        "process %d still waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "процесс %d получил в режиме %s блокировку \"%s\" через %ld.%03d мс",
        "process %d acquired %s on %s after %ld.%03d ms"
      ),
      (
        "процесс %d обнаружил взаимоблокировку, ожидая в режиме %s блокировку \"%s\" в течение %ld.%03d мс",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "процесс %d избежал взаимоблокировки, ожидая в режиме %s блокировку \"%s\", изменив порядок очереди через %ld.%03d мс",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("обнаружена взаимоблокировка", "deadlock detected"),
      ("выполнение оператора отменено по запросу пользователя", "canceling statement due to user request"),
      ("выполнение оператора отменено из-за тайм-аута", "canceling statement due to statement timeout"),
      ("выполнение оператора отменено из-за тайм-аута блокировки", "canceling statement due to lock timeout"),
      (
        "выполнение оператора отменено из-за конфликта с процессом восстановления",
        "canceling statement due to conflict with recovery"
      ),
      (
        "закрытие подключения из-за конфликта с процессом восстановления",
        "terminating connection due to conflict with recovery"
      ),
      (
        "закрытие подключения из-за тайм-аута простоя в транзакции",
        "terminating connection due to idle-in-transaction timeout"
      ),
      ("закрытие подключения из-за тайм-аута простоя сеанса", "terminating connection due to idle-session timeout"),
      ("закрытие подключения по команде администратора", "terminating connection due to administrator command"),
      ("отмена задачи автоочистки", "canceling autovacuum task"),
      ("принято подключение: узел=%s порт=%s", "connection received: host=%s port=%s"),
      ("принято подключение: узел=%s", "connection received: host=%s"),
      (
        "соединение аутентифицировано: идентификатор=\"%s\" метод=%s (%s:%d)",
        "connection authenticated: identity=\"%s\" method=%s (%s:%d)"
      ),
      ("подключение авторизовано: пользователь=%s", "connection authorized: user=%s"),
      (
        "отключение: время сеанса: %d:%02d:%02d.%03d пользователь=%s база данных=%s компьютер=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      (
        "автоматическая очистка таблицы \"%s.%s.%s\": сканирований индекса: %d\n",
        "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "автоматическая агрессивная очистка таблицы \"%s.%s.%s\": сканирований индекса: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "автоматическая очистка, предотвращающая зацикливание, таблицы \"%s.%s.%s\": сканирований индекса: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "автоматическая агрессивная очистка, предотвращающая зацикливание, таблицы \"%s.%s.%s\": сканирований индекса: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("автоматический анализ таблицы \"%s.%s.%s\"\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("система БД готова принимать подключения", "database system is ready to accept connections"),
      (
        "работа системы БД была прервана; последний момент работы: %s",
        "database system was interrupted; last known up at %s"
      ),
      ("завершение всех остальных активных серверных процессов", "terminating any other active server processes"),
      ("%s (PID %d) был завершён по сигналу %d: %s", "%s (PID %d) was terminated by signal %d: %s"),
      (
        "пользователь \"%s\" не прошёл проверку подлинности (по паролю)",
        "password authentication failed for user \"%s\""
      ),
      (
        "база данных \"%s\" должна быть очищена (предельное число транзакций: %u)",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "база данных не принимает команды во избежание потери данных из-за зацикливания транзакций в базе данных \"%s\"",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "база данных не принимает команды во избежание потери данных из-за зацикливания транзакций в базе данных с OID %u",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "база данных с OID %u должна быть очищена (предельное число транзакций: %u)",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "в pg_hba.conf нет записи для компьютера \"%s\", пользователя \"%s\", базы \"%s\", %s",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "в pg_hba.conf нет записи, разрешающей подключение для репликации с компьютера \"%s\" для пользователя \"%s\", %s",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "процесс восстановления завершил ожидание после %ld.%03d мс: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "процесс восстановления продолжает ожидание после %ld.%03d мс: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "роль \"%s\" не существует",
        "role \"%s\" does not exist"
      ),
      (
        "для роли \"%s\" вход запрещён",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

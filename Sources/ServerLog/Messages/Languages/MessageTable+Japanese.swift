extension MessageTable {
  static let japanese = MessageTable(
    language: "ja",
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
      ("詳細:  ", .detail),
      ("文:  ", .statement),
      ("文脈:  ", .context),
      ("ヒント:  ", .hint),
      ("問い合わせ:  ", .query),
      ("場所:  ", .location),
      ("バックトレース:  ", .backtrace),
    ],
    durations: [
      ("期間: ", " ミリ秒  文: ", .statement, nil),
      ("期間: ", " ミリ秒  パース", .parse, " : "),
      ("期間: ", " ミリ秒  バインド ", .bind, ": "),
      ("期間: ", " ミリ秒  実行 ", .execute, ": "),
      ("期間: ", " ミリ秒  取り出し実行 ", .execute, ": "),
      ("期間: ", "ミリ秒 ファストパス関数呼び出し: \"", .fastpath, nil),
      ("期間: ", " ミリ秒", .bareDuration, nil),
    ],
    starts: [
      ("文: ", .statementStart, nil),
      ("実行 ", .executeStart, ": "),
      ("取り出し実行 ", .executeStart, ": "),
    ],
    parameters: ["パラメータ: "], unknown: "[不明]", atCharacter: ("(", "文字目)"),
    translations: [
      (
        "チェックポイント完了: %d個のバッファを出力 (%.1f%%); %d個のWALファイルを追加、%d個を削除、%d個を再利用; 書き出し=%ld.%03d秒, 同期=%ld.%03d秒, 全体=%ld.%03d秒; 同期したファイル=%d, 最長=%ld.%03d秒, 平均=%ld.%03d秒; 距離=%d kB, 予測=%d kB",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "リスタートポイント完了: %d個のバッファを出力 (%.1f%%); %d個のWALファイルを追加、%d個を削除、%d個を再利用; 書き出し=%ld.%03d秒, 同期=%ld.%03d秒, 全体=%ld.%03d秒; 同期したファイル=%d, 最長=%ld.%03d秒, 平均=%ld.%03d秒; 距離=%d kB, 予測=%d kB",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("一時ファイル: パス \"%s\"、サイズ %lu", "temporary file: path \"%s\", size %lu"),
      ("プロセス%dは%sを%sで待機しています。%ld.%03dミリ秒後", "process %d still waiting for %s on %s after %ld.%03d ms"),
      ("プロセス%1$dは%4$ld.%5$03d ms後に%3$s上の%2$sを獲得しました", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "プロセス%1$dは、%3$s上の%2$sに対し%4$ld.%5$03d ms待機するデッドロックを検知しました",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "プロセス%1$dは、%4$ld.%5$03d ms後にキューの順番を再調整することで、%3$s上の%2$sに対するデッドロックを防ぎました。",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("デッドロックを検出しました", "deadlock detected"),
      ("ユーザーからの要求により文をキャンセルしています", "canceling statement due to user request"),
      ("ステートメントのタイムアウトのためステートメントをキャンセルしています", "canceling statement due to statement timeout"),
      ("ロックのタイムアウトのためステートメントをキャンセルしています", "canceling statement due to lock timeout"),
      ("リカバリで競合が発生したためステートメントをキャンセルしています", "canceling statement due to conflict with recovery"),
      ("リカバリで競合が発生したため、接続を終了しています", "terminating connection due to conflict with recovery"),
      ("トランザクション中アイドルタイムアウトのため接続を終了します", "terminating connection due to idle-in-transaction timeout"),
      ("アイドルセッションタイムアウトにより接続を終了します", "terminating connection due to idle-session timeout"),
      ("管理者コマンドにより接続を終了しています", "terminating connection due to administrator command"),
      ("自動VACUUM処理をキャンセルしています", "canceling autovacuum task"),
      ("接続を受け付けました: ホスト=%s ポート番号=%s", "connection received: host=%s port=%s"),
      ("接続を受け付けました: ホスト=%s", "connection received: host=%s"),
      ("接続認証完了: 識別名=\"%s\" 方式=%s (%s:%d)", "connection authenticated: identity=\"%s\" method=%s (%s:%d)"),
      ("接続の認証完了: ユーザー=%s", "connection authorized: user=%s"),
      (
        "接続を切断: セッション時間: %d:%02d:%02d.%03d ユーザー=%s データベース=%s ホスト=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      ("テーブル\"%s.%s.%s\"の自動VACUUM: インデックススキャン: %d\n", "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"),
      (
        "テーブル\"%s.%s.%s\"の積極的自動VACUUM: インデックススキャン: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "テーブル\"%s.%s.%s\"の周回防止のための自動VACUUM: インデックススキャン: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "テーブル\"%s.%s.%s\"の周回防止のための積極的自動VACUUM: インデックススキャン: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("テーブル\"%s.%s.%s\"に対する自動ANALYZE\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("データベースシステムの接続受け付け準備が整いました", "database system is ready to accept connections"),
      ("データベースシステムは中断されました: %s まで動作していたことは確認できます", "database system was interrupted; last known up at %s"),
      ("他の活動中のサーバープロセスを終了しています", "terminating any other active server processes"),
      ("%s (PID %d)はシグナル%dで終了しました: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("ユーザー\"%s\"のパスワード認証に失敗しました", "password authentication failed for user \"%s\""),
      (
        "データベース\"%s\"は%uトランザクション以内にVACUUMする必要があります",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "データベース\"%s\"における周回によるデータ損失を防ぐために、データベースは問い合わせを受け付けていません",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "OID %uのデータベースは周回によるデータ損失を防ぐために、データベースは問い合わせを受け付けていません",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "OID %uのデータベースは%uトランザクション以内にVACUUMを実行する必要があります",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "pg_hba.conf にホスト\"%s\"、ユーザー\"%s\"、データベース\"%s, %s用のエントリがありません",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "pg_hba.conf にホスト\"%s\"、ユーザー\"%s\", %s用のエントリがありません",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "リカバリは%ld.%03dミリ秒で待機終了: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "リカバリは%ld.%03dミリ秒経過後待機継続中: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "ロール\"%s\"は存在しません",
        "role \"%s\" does not exist"
      ),
      (
        "ロール\"%s\"はログインが許可されません",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

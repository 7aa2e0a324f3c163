extension MessageTable {
  static let korean = MessageTable(
    language: "ko",
    severities: [
      ("로그", .log),
      ("오류", .error),
      ("경고", .warning),
      ("치명적오류", .fatal),
      ("손상", .panic),
      ("알림", .notice),
      ("정보", .info),
      ("디버그", .debug),
    ],
    parts: [
      ("상세정보:  ", .detail),
      ("명령 구문:  ", .statement),
      ("내용:  ", .context),
      ("힌트:  ", .hint),
      ("쿼리:", .query),
      ("위치: ", .location),
      ("역추적:  ", .backtrace),
    ],
    durations: [
      ("실행시간: ", " ms  명령 구문: ", .statement, nil),
      ("실행시간: ", " ms  ", .parse, " 구문분석: "),
      ("실행시간: ", " ms  ", .bind, " 접속: "),
      ("수행시간: ", " ms  쿼리실행 ", .execute, ": "),
      ("수행시간: ", " ms  자료뽑기 ", .execute, ": "),
      ("작업시간: ", " ms  fastpath 함수 호출: \"", .fastpath, nil),
      ("실행시간: ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("명령 구문: ", .statementStart, nil),
      ("쿼리실행 ", .executeStart, ": "),
      ("자료뽑기 ", .executeStart, ": "),
    ],
    parameters: ["매개 변수: "], unknown: "[알수없음]", atCharacter: (" ", " 번째 문자 부근"),
    translations: [
      (
        "체크포인트 작업완료: %d개(%.1f%%) 버퍼 씀; %d개 WAL 파일 추가됨, %d개 지웠음, %d개 재활용; 쓰기시간: %ld.%03d s, 동기화시간: %ld.%03d s, 전체시간: %ld.%03d s; 동기화 파일 개수: %d, 최장시간: %ld.%03d s, 평균시간: %ld.%03d s; 실제작업량: %d kB, 예상한작업량: %d kB",
        "checkpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      (
        "restartpoint 작업완료: %d개(%.1f%%) 버퍼 씀; %d개 WAL 파일 추가됨, %d개 지웠음, %d개 재활용; 쓰기시간: %ld.%03d s, 동기화시간: %ld.%03d s, 전체시간: %ld.%03d s; 동기화 파일 개수: %d, 최장시간: %ld.%03d s, 평균시간: %ld.%03d s; 실제작업량: %d kB, 예상한작업량: %d kB",
        "restartpoint complete: wrote %d buffers (%.1f%%); %d WAL file(s) added, %d removed, %d recycled; write=%ld.%03d s, sync=%ld.%03d s, total=%ld.%03d s; sync files=%d, longest=%ld.%03d s, average=%ld.%03d s; distance=%d kB, estimate=%d kB"
      ),
      ("임시 파일: 경로 \"%s\", 크기 %lu", "temporary file: path \"%s\", size %lu"),
      ("%d PID 프로세스에서 여전히 %s(%s) 작업을 기다리고 있음(%ld.%03dms 후)", "process %d still waiting for %s on %s after %ld.%03d ms"),
      ("%d PID 프로세스가 %s(%s) 작업을 위해 잠금 취득함(%ld.%03dms 후)", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "%d PID 프로세스에서 %s(%s) 대기중 %ld.%03dms 후에 교착 상태를 감지함",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "%d PID 프로세스는 %s(%s)에 대해 교착 상태가 발생하지 않도록 %ld.%03dms 후에 대기열 순서를 다시 조정함",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("deadlock 발생했음", "deadlock detected"),
      ("사용자 요청에 의해 작업을 취소합니다.", "canceling statement due to user request"),
      ("명령실행시간 초과로 작업을 취소합니다.", "canceling statement due to statement timeout"),
      ("잠금 대기 시간 초과로 작업을 취소합니다.", "canceling statement due to lock timeout"),
      ("복구 작업 중 충돌이 발생해 작업을 중지합니다.", "canceling statement due to conflict with recovery"),
      ("복구 작업 중 충돌로 연결을 끝냅니다", "terminating connection due to conflict with recovery"),
      ("idle-in-transaction 시간 초과로 연결을 끝냅니다", "terminating connection due to idle-in-transaction timeout"),
      ("idle-session 시간 초과로 연결을 끝냅니다", "terminating connection due to idle-session timeout"),
      ("관리자 요청에 의해서 연결을 끝냅니다", "terminating connection due to administrator command"),
      ("자동 청소 작업을 취소하는 중", "canceling autovacuum task"),
      ("접속 수락: host=%s port=%s", "connection received: host=%s port=%s"),
      ("접속 수락: host=%s", "connection received: host=%s"),
      ("연결 인증됨: 식별자=\"%s\" 인증방법=%s (%s:%d)", "connection authenticated: identity=\"%s\" method=%s (%s:%d)"),
      ("연결 인증: user=%s", "connection authorized: user=%s"),
      (
        "연결종료: 세션 시간: %d:%02d:%02d.%03d 사용자=%s 데이터베이스=%s 호스트=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      ("\"%s.%s.%s\" 테이블 자동 청소: 인덱스 탐색: %d\n", "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"),
      (
        "적극적인 \"%s.%s.%s\" 테이블 자동 청소: 인덱스 탐색: %d\n",
        "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "트랙젝션 ID 겹침 방지를 위한 \"%s.%s.%s\" 테이블 자동 청소: 인덱스 탐색: %d\n",
        "automatic vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      (
        "트랙젝션 ID 겹침 방지를 위한 적극적인 \"%s.%s.%s\" 테이블 자동 청소: 인덱스 탐색: %d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("\"%s.%s.%s\" 테이블 자동 분석\n", "automatic analyze of table \"%s.%s.%s\"\n"),
      ("이제 데이터베이스 서버로 접속할 수 있습니다", "database system is ready to accept connections"),
      ("데이터베이스 시스템이 비정상적으로 종료되었음; 마지막 운영시간: %s", "database system was interrupted; last known up at %s"),
      ("다른 활성화 되어있는 서버 프로세스를 마치고 있는 중입니다", "terminating any other active server processes"),
      ("%s (PID %d) 프로세스가 %d번 시그널을 받아 종료됨: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("사용자 \"%s\"의 password 인증을 실패했습니다", "password authentication failed for user \"%s\""),
      (
        "\"%s\" 데이터베이스는 %u번의 트랜잭션이 발생되기 전에 청소해야 합니다",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "\"%s\" 데이터베이스 트랜잭션 ID 겹침에 의한 자료 손실을 방지하기 위해 더 이상 자료 조작 작업을 허용하지 않습니다",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "%u OID 데이터베이스에서 자료 겹침으로 발생할 수 있는 자료 손실을 방지하기 위해 명령을 수락하지 않음",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "%u OID 데이터베이스는 %u번의 트랜잭션이 발생되기 전에 청소해야 합니다",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "호스트 \"%s\", 사용자 \"%s\", 데이터베이스 \"%s\", %s 연결에 대한 설정이 pg_hba.conf 파일에 없습니다.",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "호스트 \"%s\", 사용자 \"%s\", %s 연결이 복제용 연결로 pg_hba.conf 파일에 설정되어 있지 않습니다",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "%ld.%03d ms 기다려서 복구 완료: %s",
        "recovery finished waiting after %ld.%03d ms: %s"
      ),
      (
        "%ld.%03d ms 기다린 뒤에도 여전히 복구 중: %s",
        "recovery still waiting after %ld.%03d ms: %s"
      ),
      (
        "\"%s\" 롤(role) 없음",
        "role \"%s\" does not exist"
      ),
      (
        "\"%s\" 롤은 접속을 허용하지 않음",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

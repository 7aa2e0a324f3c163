extension MessageTable {
  static let simplifiedChinese = MessageTable(
    language: "zh_CN",
    severities: [
      ("日志", .log),
      ("错误", .error),
      ("警告", .warning),
      ("致命错误", .fatal),
      ("比致命错误还过分的错误", .panic),
      ("注意", .notice),
      ("信息", .info),
      ("调试", .debug),
    ],
    parts: [
      ("详细信息:  ", .detail),
      ("语句:  ", .statement),
      ("上下文:  ", .context),
      ("提示:  ", .hint),
      ("查询:  ", .query),
      ("位置:  ", .location),
      ("BACKTRACE:  ", .backtrace),
    ],
    durations: [
      ("执行时间: ", " ms 语句: ", .statement, nil),
      ("执行时间: ", " ms  解析 ", .parse, ": "),
      ("执行时间: ", " ms 绑定", .bind, ": "),
      ("执行时间: ", " ms 执行", .execute, ": "),
      ("执行时间: ", " ms 执行FETCH操作", .execute, ": "),
      ("持续时间: ", " ms  快速路经的函数调用: \"", .fastpath, nil),
      ("执行时间: ", " ms", .bareDuration, nil),
    ],
    starts: [
      ("语句: ", .statementStart, nil),
      ("执行 ", .executeStart, ": "),
      ("执行FETCH操作 ", .executeStart, ": "),
    ],
    parameters: ["参数: "], unknown: "[未知]", atCharacter: (" 第 ", " 个字符处"),
    translations: [
      ("临时文件: 路径 \"%s\", 大小%lu", "temporary file: path \"%s\", size %lu"),
      ("进程%1$d在%4$ld.%5$03d ms仍然等待在%3$s上的%2$s", "process %d still waiting for %s on %s after %ld.%03d ms"),
      ("进程%1$d在%4$ld.%5$03d ms后获取在%3$s上的%2$s", "process %d acquired %s on %s after %ld.%03d ms"),
      (
        "进程%1$d在%4$ld.%5$03d ms等待在%3$s上的%2$s同时监测到死锁",
        "process %d detected deadlock while waiting for %s on %s after %ld.%03d ms"
      ),
      (
        "进程%1$d在%4$ld.%5$03d ms通过重新安排序列顺序来避免在%3$s上的%2$s的死锁",
        "process %d avoided deadlock for %s on %s by rearranging queue order after %ld.%03d ms"
      ),
      ("检测到死锁", "deadlock detected"),
      ("由于用户请求而正在取消查询", "canceling statement due to user request"),
      ("由于语句执行超时，正在取消查询命令", "canceling statement due to statement timeout"),
      ("由于锁超时，取消语句操作", "canceling statement due to lock timeout"),
      ("由于与恢复操作冲突，正在取消语句命令", "canceling statement due to conflict with recovery"),
      ("由于与恢复操作相冲突而中断连接", "terminating connection due to conflict with recovery"),
      ("由于空载事务超时而终止连接", "terminating connection due to idle-in-transaction timeout"),
      ("由于管理员命令中断联接", "terminating connection due to administrator command"),
      ("正在取消自动清理任务", "canceling autovacuum task"),
      ("已接收到连接: 主机=%s 端口=%s", "connection received: host=%s port=%s"),
      ("已接收到连接: 主机=%s", "connection received: host=%s"),
      (
        "断开连接: 会话时间: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s",
        "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s%s%s"
      ),
      ("自动清理表\"%s.%s.%s\"：索引扫描：%d\n", "automatic vacuum of table \"%s.%s.%s\": index scans: %d\n"),
      ("自动积极的清理表\"%s.%s.%s\"：索引扫描：%d\n", "automatic aggressive vacuum of table \"%s.%s.%s\": index scans: %d\n"),
      (
        "自动积极的清理，防止表\"%s.%s.%s\"的包围：索引扫描：%d\n",
        "automatic aggressive vacuum to prevent wraparound of table \"%s.%s.%s\": index scans: %d\n"
      ),
      ("数据库系统准备接受连接", "database system is ready to accept connections"),
      ("数据库系统中断；上一次的启动时间是在%s", "database system was interrupted; last known up at %s"),
      ("中断任何其它已激活的服务器进程", "terminating any other active server processes"),
      ("%s (PID %d) 被信号 %d 中断: %s", "%s (PID %d) was terminated by signal %d: %s"),
      ("用户 \"%s\" Password 认证失败", "password authentication failed for user \"%s\""),
      (
        "数据库 \"%s\"在运行%u个事务中进行清理(vacuume).",
        "database \"%s\" must be vacuumed within %u transactions"
      ),
      (
        "数据库没有接收命令来避免在数据库\"%s\"中的重叠数据损失",
        "database is not accepting commands to avoid wraparound data loss in database \"%s\""
      ),
      (
        "数据库没有接受命令来避免在带有OID为%u的数据库中的重叠数据损失",
        "database is not accepting commands to avoid wraparound data loss in database with OID %u"
      ),
      (
        "带有OID为%u的数据库必须在%u个事务中进行清理(vacuume).",
        "database with OID %u must be vacuumed within %u transactions"
      ),
      (
        "没有用于主机 \"%s\", 用户 \"%s\", 数据库 \"%s\", %s 的 pg_hba.conf 记录",
        "no pg_hba.conf entry for host \"%s\", user \"%s\", database \"%s\", %s"
      ),
      (
        "没有来自主机 \"%s\", 用户\"%s\", %s的复制连接的pg_hba.conf记录",
        "no pg_hba.conf entry for replication connection from host \"%s\", user \"%s\", %s"
      ),
      (
        "角色 \"%s\" 不存在",
        "role \"%s\" does not exist"
      ),
      (
        "不允许角色\"%s\" 进行登录",
        "role \"%s\" is not permitted to log in"
      ),
    ])
}

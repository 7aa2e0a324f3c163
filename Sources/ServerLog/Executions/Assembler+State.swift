internal import Bytes
internal import Model

/// What the assembler remembers of sessions, as bytes in the history: a reading that goes on later pairs what the
/// earlier one left open.
extension Assembler {
  /// First byte of the bytes; another one is of another release, and is not read.
  private static let version: UInt64 = 4

  func savedSessions() -> [UInt8] {
    var out = StateWriter()
    out.add(Assembler.version)
    out.add(signed: weights.rest)
    let timed = timedOwners.sorted()
    out.add(UInt64(timed.count))
    for owner in timed {
      out.add(bytes: Array(owner.database.utf8))
      out.add(bytes: Array(owner.user.utf8))
    }
    // Statements and dimensions by the order of their first mention.
    var statements: [Int: Int] = [:]
    var workloads: [Int: Int] = [:]
    var body = StateWriter()
    var statementOrder: [Int] = []
    var workloadOrder: [Int] = []
    func statement(_ number: Int) -> UInt64 {
      if let known = statements[number] { return UInt64(known) }
      statements[number] = statementOrder.count
      statementOrder.append(number)
      return UInt64(statementOrder.count - 1)
    }
    func workload(_ number: Int) -> UInt64 {
      if let known = workloads[number] { return UInt64(known) }
      workloads[number] = workloadOrder.count
      workloadOrder.append(number)
      return UInt64(workloadOrder.count - 1)
    }
    let live = sessions.values.indices.filter { sessions.values[$0].isLive }
      .sorted { sessions.values[$0].seen < sessions.values[$1].seen }
    body.add(UInt64(live.count))
    for index in live {
      let session = sessions.values[index]
      body.add(session.key)
      body.add(signed: session.line)
      body.add(session.lastShape)
      body.add(signed: session.lastDuration)
      body.add(signed: session.shortest)
      body.add(signed: session.openError)
      body.add(session.names == nil ? 0 : 1)
      if let names = session.names {
        for text in [names.user, names.database, names.application] { body.add(bytes: Array(text.utf8)) }
      }
      body.add(UInt64(session.bare.count))
      for value in session.bare { body.add(signed: value) }
      body.add(session.start == nil ? 0 : 1)
      if let start = session.start {
        body.add(statement(start.statement))
        body.add(workload(start.workload))
        body.add(signed: start.time)
        body.add(signed: start.line)
        // The state is stored: of the values only what may be.
        let isShort = start.text.count <= 1 << 16 && start.detail.count <= 1 << 16
        let content =
          start.stored.map { (text: String(readable: start.text), parameters: $0) }
          ?? (isShort ? start.text : []).withUnsafeBytes { values.sample($0, isShort ? parameters(start.detail) : []) }
        body.add(bytes: Array(content.text.utf8))
        body.add(UInt64(content.parameters.count))
        for parameter in content.parameters {
          let (tag, text): (UInt64, String) =
            switch parameter {
            case .null: (0, "")
            case .text(let text): (1, text)
            case .truncated(let text): (2, text)
            case .hashed(let hash): (3, hash)
            }
          body.add(tag)
          body.add(bytes: Array(text.utf8))
        }
        body.add(start.isFetch ? 1 : 0)
        body.add(start.countedUntimed ? 1 : 0)
      }
      body.add(UInt64(session.plans.count))
      for plan in session.plans {
        body.add(plan.shape)
        body.add(statement(plan.statement))
        body.add(workload(plan.workload))
        body.add(signed: plan.time)
        body.add(signed: plan.duration)
      }
      body.add(session.transaction.id)
      body.add(session.transaction.isOpen ? 1 : 0)
      body.add(UInt64(session.transaction.items.count))
      for item in session.transaction.items {
        body.add(statement(item.statement))
        body.add(workload(item.workload))
        body.add(signed: item.minute)
        body.add(signed: item.count)
        body.add(signed: item.total)
      }
    }
    out.add(UInt64(statementOrder.count))
    for number in statementOrder {
      let value = shapes.statements[number]
      out.add(value.fingerprint.value)
      out.add(bytes: Array(value.kind.rawValue.utf8))
      out.add(UInt64(value.control.rawValue))
    }
    out.add(UInt64(workloadOrder.count))
    for number in workloadOrder {
      let value = self.workloads.values[number]
      out.add(self.workloads.hashes[number])
      for text in [value.database, value.user, value.application, value.tags] { out.add(bytes: Array(text.utf8)) }
    }
    return out.bytes + body.bytes
  }

  /// Takes up what `savedSessions` wrote. Bytes of another release or damaged ones are left alone: the reading then
  /// begins without a memory, as at the start of a file.
  mutating func restore(_ bytes: [UInt8]) {
    var input = StateReader(bytes)
    guard input.next() == Assembler.version else { return }
    weights.rest = input.signed()
    for _ in 0..<input.count() { timedBefore.insert(SettingsOwner(database: input.text(), user: input.text())) }
    var statements: [Int] = []
    for _ in 0..<input.count() {
      let fingerprint = Fingerprint(input.next())
      let kind = StatementKind(rawValue: input.text()) ?? .unknown
      let control = ShapeTable.Control(rawValue: UInt8(truncatingIfNeeded: input.next())) ?? .none
      statements.append(shapes.number(of: fingerprint, kind: kind, control: control))
    }
    var workloads: [Int] = []
    for _ in 0..<input.count() {
      let hash = input.next()
      let value = WorkloadDimensions(
        database: input.text(), user: input.text(), application: input.text(), tags: input.text())
      workloads.append(self.workloads.insert(hash, value))
    }
    func statement() -> Int? {
      let number = input.next()
      return number < UInt64(statements.count) ? statements[Int(number)] : nil
    }
    func workload() -> Int? {
      let number = input.next()
      return number < UInt64(workloads.count) ? workloads[Int(number)] : nil
    }
    for _ in 0..<input.count() {
      var session = Session(key: input.next())
      session.line = input.signed()
      session.lastShape = input.next()
      session.lastDuration = input.signed()
      session.shortest = input.signed()
      session.openError = input.signed()
      if input.next() == 1 {
        session.names = SessionNames(user: input.text(), database: input.text(), application: input.text())
      }
      for _ in 0..<input.count() { session.bare.append(input.signed()) }
      if input.next() == 1 {
        guard let number = statement(), let dimensions = workload() else { return }
        let time = input.signed()
        let line = input.signed()
        let text = input.bytes()
        var stored: [ExecutionSample.Parameter] = []
        for _ in 0..<input.count() {
          let tag = input.next()
          let value = input.text()
          stored.append(tag == 0 ? .null : tag == 1 ? .text(value) : tag == 2 ? .truncated(value) : .hashed(value))
        }
        session.start = Session.Start(
          statement: number, workload: dimensions, time: time, line: line, text: text, detail: [], stored: stored,
          isFetch: input.next() == 1, countedUntimed: input.next() == 1)
      }
      for _ in 0..<input.count() {
        let shape = input.next()
        guard let number = statement(), let dimensions = workload() else { return }
        session.plans.append(
          Session.WaitingPlan(
            shape: shape, statement: number, workload: dimensions, time: input.signed(), duration: input.signed()))
      }
      session.transaction.id = input.next()
      session.transaction.isOpen = input.next() == 1
      for _ in 0..<input.count() {
        guard let number = statement(), let dimensions = workload() else { return }
        session.transaction.items.append(
          TransactionRun.Item(
            statement: number, workload: dimensions, minute: input.signed(), count: input.signed(),
            total: input.signed()))
      }
      guard !input.failed else { return }
      let index = sessions.index(of: session.key)
      session.seen = sessions.values[index].seen
      sessions.values[index] = session
    }
  }
}

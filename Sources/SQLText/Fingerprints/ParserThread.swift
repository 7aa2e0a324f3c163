internal import CPgQuery
internal import Glibc

/// The one thread that calls libpg_query, with a stack so large that no text below the size limit overruns it.
///
/// libpg_query walks parse trees by recursion without any guard: a chain of 100,000 operators overruns 8 MiB in
/// `pg_query_parse`. On 256 MiB a chain of 1,000,000 takes 61 to 122 MiB, in `pg_query_fingerprint` and
/// `pg_query_parse` alike; `pg_query_normalize` is never called. The pages are touched on demand and handed back to
/// the system after a text that was long enough to have touched many.
final class ParserThread: Sendable {
  static let shared = ParserThread()

  enum Operation { case fingerprint, parse }
  enum Answer {
    case fingerprint(UInt64)
    case tree([UInt8])
    case refused(String)
  }

  private struct State {
    var callers = pthread_mutex_t()
    var mutex = pthread_mutex_t()
    var requested = pthread_cond_t()
    var answered = pthread_cond_t()
    var text: UnsafePointer<CChar>?
    var length = 0
    var operation = Operation.fingerprint
    var answer: Answer?
    var stack: UnsafeMutableRawPointer?
  }

  private static let stackBytes = 256 << 20
  private static let guardBytes = 64 << 10

  /// Guarded by its own mutexes: `callers` lets one caller in, `mutex` guards the request and its answer.
  private nonisolated(unsafe) let state: UnsafeMutablePointer<State>
  private let isRunning: Bool

  private init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State())
    pthread_mutex_init(&state.pointee.callers, nil)
    pthread_mutex_init(&state.pointee.mutex, nil)
    pthread_cond_init(&state.pointee.requested, nil)
    pthread_cond_init(&state.pointee.answered, nil)
    guard
      let stack = mmap(
        nil, Self.stackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0),
      stack != MAP_FAILED
    else {
      isRunning = false
      return
    }
    mprotect(stack, Self.guardBytes, PROT_NONE)
    state.pointee.stack = stack
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstack(&attributes, stack + Self.guardBytes, Self.stackBytes - Self.guardBytes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let outcome = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { ParserThread.serve(argument.assumingMemoryBound(to: State.self)) }
        return nil
      }, state)
    isRunning = outcome == 0
  }

  /// Runs one call of the library on the thread and waits for it. `text` has no zero byte.
  func ask(_ operation: Operation, _ text: String) -> Answer {
    guard isRunning else { return .refused("no memory for the parser's stack") }
    var text = text
    return text.withUTF8 { utf8 in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: utf8.count + 1) { copy in
        guard let base = copy.baseAddress else { return .refused("no memory for the text") }
        for (i, byte) in utf8.enumerated() { base[i] = CChar(bitPattern: byte) }
        base[utf8.count] = 0
        return ask(operation, UnsafePointer(base), utf8.count)
      }
    }
  }

  private func ask(_ operation: Operation, _ text: UnsafePointer<CChar>, _ length: Int) -> Answer {
    pthread_mutex_lock(&state.pointee.callers)
    defer { pthread_mutex_unlock(&state.pointee.callers) }
    pthread_mutex_lock(&state.pointee.mutex)
    defer { pthread_mutex_unlock(&state.pointee.mutex) }
    state.pointee.operation = operation
    state.pointee.length = length
    state.pointee.text = text
    state.pointee.answer = nil
    pthread_cond_signal(&state.pointee.requested)
    while true {
      if let answer = state.pointee.answer {
        state.pointee.answer = nil
        return answer
      }
      pthread_cond_wait(&state.pointee.answered, &state.pointee.mutex)
    }
  }

  private static func serve(_ state: UnsafeMutablePointer<State>) {
    pthread_mutex_lock(&state.pointee.mutex)
    while true {
      guard let text = state.pointee.text else {
        pthread_cond_wait(&state.pointee.requested, &state.pointee.mutex)
        continue
      }
      state.pointee.answer = answer(state.pointee.operation, text)
      state.pointee.text = nil
      if state.pointee.length > 64 << 10, let stack = state.pointee.stack {
        // Everything but the megabyte at the stack's hot end.
        madvise(stack + guardBytes, stackBytes - guardBytes - (1 << 20), MADV_DONTNEED)
      }
      pthread_cond_signal(&state.pointee.answered)
    }
  }

  private static func answer(_ operation: Operation, _ text: UnsafePointer<CChar>) -> Answer {
    switch operation {
    case .fingerprint:
      let result = pg_query_fingerprint(text)
      defer { pg_query_free_fingerprint_result(result) }
      if let error = result.error { return .refused(String(cString: error.pointee.message)) }
      return .fingerprint(result.fingerprint)
    case .parse:
      let result = pg_query_parse(text)
      defer { pg_query_free_parse_result(result) }
      if let error = result.error { return .refused(String(cString: error.pointee.message)) }
      guard let tree = result.parse_tree else { return .refused("no parse tree") }
      return .tree(Array(UnsafeRawBufferPointer(start: tree, count: strlen(tree))))
    }
  }
}

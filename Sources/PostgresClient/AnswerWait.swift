internal import CLibPQ
internal import Model

/// What is known while a server's answer is waited for.
struct AnswerWait {
  /// The first thing that went wrong, thrown when the connection is drained.
  var fault: (any Error)?
  /// Whether our own limit ended the statement.
  var hasTimedOut = false
  private var deadline: ContinuousClock.Instant?
  private var request: CancelRequest?

  /// Seconds that the server has for acknowledging a cancel request.
  private static let grace = 5.0

  init(limit: Duration?) { deadline = limit.map { ContinuousClock.now + $0 } }

  /// Until the limit; -1 for ever.
  var milliseconds: Int32 {
    deadline.map { Int32(clamping: max(0, ($0 - ContinuousClock.now).wholeMilliseconds)) } ?? -1
  }

  var isCancelling: Bool { request != nil }

  /// Asks the server, once, to give up the running statement.
  mutating func cancel(_ connection: OpaquePointer) {
    guard request == nil else { return }
    request = CancelRequest(connection)
    deadline = .now + .seconds(Self.grace)
  }

  /// False where a request is still under way that could hit the connection's next statement.
  func isCancelDelivered() -> Bool { request?.wait(seconds: Self.grace) ?? true }
}

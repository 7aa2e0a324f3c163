internal import CLibPQ
internal import Foundation
internal import Glibc

/// The C connection with its collected notices. Used on its connection's thread only.
final class LibPQHandle: @unchecked Sendable {
  let connection: OpaquePointer
  fileprivate(set) var notices: [PostgresNotice] = []

  /// Takes over `connection`.
  init(_ connection: OpaquePointer) {
    self.connection = connection
    PQsetNoticeReceiver(connection, receiveNotice, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { PQfinish(connection) }

  func takeNotices() -> [PostgresNotice] {
    defer { notices = [] }
    return notices
  }

  enum Wakening { case socket, wakeUp, timeout, failed(String) }

  /// Sleeps until the server's socket is ready, the pipe was written to or the time (-1: for ever) is up.
  func wait(_ pipe: WakePipe, milliseconds: Int32) -> Wakening {
    let socket = PQsocket(connection)
    guard socket >= 0 else { return .failed("the socket is closed") }
    var entries = [
      pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
      pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0),
    ]
    let ready = poll(&entries, 2, milliseconds)
    if ready < 0 { return errno == EINTR ? .wakeUp : .failed(String(cString: strerror(errno))) }
    if ready == 0 { return .timeout }
    if entries[1].revents != 0 {
      pipe.empty()
      return .wakeUp
    }
    return .socket
  }
}

/// Wakes the thread that waits for a server's answer, from any thread.
final class WakePipe: Sendable {
  let readEnd: Int32
  private let writeEnd: Int32

  init() throws(PostgresError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw PostgresError(.connect, "no file descriptor left: " + String(cString: strerror(errno)))
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  func wake() {
    var byte: UInt8 = 1
    // A full pipe already wakes the reader.
    _ = write(writeEnd, &byte, 1)
  }

  func empty() {
    var sink = [UInt8](repeating: 0, count: 64)
    while read(readEnd, &sink, sink.count) > 0 {}
  }
}

/// A request to the server to give up the running statement. It is a connection of its own and may hang where the
/// server is out of reach, hence a thread of its own.
final class CancelRequest: @unchecked Sendable {
  private let cancel: OpaquePointer
  private let isDelivered = DispatchSemaphore(value: 0)

  /// Fails when the connection is closed.
  init?(_ connection: OpaquePointer) {
    guard let cancel = PQgetCancel(connection) else { return nil }
    self.cancel = cancel
    Thread.detachNewThread {
      var message = [CChar](repeating: 0, count: 256)
      // A failure shows as a statement that goes on, which the caller's own limit ends.
      _ = PQcancel(self.cancel, &message, Int32(message.count))
      self.isDelivered.signal()
    }
  }

  deinit { PQfreeCancel(cancel) }

  /// Whether the server took the request within `seconds`. Until then it could hit the connection's next statement.
  func wait(seconds: Double) -> Bool { isDelivered.wait(timeout: .now() + seconds) == .success }
}

private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
  guard let context, let result else { return }
  let handle = Unmanaged<LibPQHandle>.fromOpaque(context).takeUnretainedValue()
  // A statement that raises notices in a loop must not fill our memory.
  guard handle.notices.count < 1_000 else { return }
  handle.notices.append(
    PostgresNotice(
      severity: ReportField.severity.text(in: result) ?? ReportField.localizedSeverity.text(in: result) ?? "NOTICE",
      sqlState: ReportField.sqlState.text(in: result) ?? "00000", message: ReportField.message.text(in: result) ?? ""))
}

/// The fields of an error or notice report, by the protocol's letters.
/// Source: PostgreSQL manual, "Error and Notice Message Fields"; `postgres_ext.h` has them as character macros, which
/// Swift does not see.
enum ReportField: Unicode.Scalar {
  case localizedSeverity = "S"
  case severity = "V"
  case sqlState = "C"
  case message = "M"
  case detail = "D"
  case hint = "H"
  case position = "P"

  func text(in result: OpaquePointer) -> String? {
    PQresultErrorField(result, Int32(bitPattern: rawValue.value)).map { String(cString: $0) }
  }
}

/// A report from the server that is no error: WARNING, NOTICE, INFO.
public struct PostgresNotice: Sendable, Equatable {
  public var severity: String
  public var sqlState: String
  public var message: String
}

internal import CZlib
internal import Glibc
public import Model
internal import Synchronization

/// Writes a snapshot's lines to a file that appears whole under its name or not at all, readable by its owner only.
/// A name that ends in `.gz` is compressed. A link keeps pointing where it did: its target is replaced. A device or
/// pipe is written to directly, since it must not be replaced; `-` is standard output.
public final class SnapshotWriter: Sendable {
  public struct Fault: UserError, Equatable {
    public var path: String
    public var reason: String
    public var sentence: String { "cannot write \(path): \(reason)" }
  }

  private struct State: ~Copyable {
    var descriptor: Int32
    var stream: UnsafeMutablePointer<z_stream>?
    var written = 0
  }

  public let path: String
  /// The file's final place; nil for what is written to directly.
  private let target: String?
  private let temporary: String
  private let state: Mutex<State>

  /// Creates the file beside its final place. Throws when that is a directory or cannot be written to.
  public init(path: String) throws(Fault) {
    self.path = path
    let outputPlace = OutputPlace(path)
    switch outputPlace {
    case .directory: throw Fault(path: path, reason: "it is a directory")
    case .standardOutput, .direct: target = nil
    case .file(let place): target = place
    }
    temporary = target.map(OutputPlace.temporaryName) ?? ""
    let descriptor =
      if outputPlace == .standardOutput {
        fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
      } else if target == nil {
        open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY)
      } else {
        open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
      }
    guard descriptor >= 0 else { throw Fault(path: path, reason: Self.reason(errno)) }
    var stream: UnsafeMutablePointer<z_stream>?
    if path.hasSuffix(".gz") {
      let pointer = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      pointer.initialize(to: z_stream())
      // 15 bits of window, plus 16 for a gzip header: zlib.h, deflateInit2.
      guard
        deflateInit2_(
          pointer, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
          == Z_OK
      else {
        pointer.deallocate()
        close(descriptor)
        if target != nil { unlink(temporary) }
        throw Fault(path: path, reason: "zlib has no memory")
      }
      stream = pointer
    }
    state = Mutex(State(descriptor: descriptor, stream: stream))
  }

  deinit { discard() }

  public func write(_ bytes: [UInt8]) throws {
    try state.withLock { state in try put(bytes, &state, end: false) }
  }

  /// Ends the file and gives it its name. Gives the bytes on disk.
  @discardableResult
  public func finish() throws -> Int {
    try state.withLock { state in
      if state.stream != nil { try put([], &state, end: true) }
      var failure: Int32 = 0
      if fsync(state.descriptor) != 0, errno != EINVAL, errno != EROFS { failure = errno }
      if close(state.descriptor) != 0, failure == 0 { failure = errno }
      state.descriptor = -1
      if failure == 0, let target, rename(temporary, target) != 0 { failure = errno }
      if failure != 0 {
        if target != nil { unlink(temporary) }
        throw Fault(path: path, reason: Self.reason(failure))
      }
      return state.written
    }
  }

  /// Takes away what was written, unless it was finished.
  public func discard() {
    state.withLock { state in
      if let stream = state.stream {
        deflateEnd(stream)
        stream.deallocate()
        state.stream = nil
      }
      guard state.descriptor >= 0 else { return }
      close(state.descriptor)
      state.descriptor = -1
      if target != nil { unlink(temporary) }
    }
  }

  private func put(_ bytes: [UInt8], _ state: inout State, end: Bool) throws {
    guard state.descriptor >= 0 else { throw Fault(path: path, reason: "it is closed") }
    guard let stream = state.stream else { return try store(bytes[...], &state) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: 1 << 16)
    try input.withUnsafeMutableBufferPointer { input in
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = UInt32(input.count)
      while true {
        let (produced, status) = output.withUnsafeMutableBufferPointer { buffer in
          stream.pointee.next_out = buffer.baseAddress
          stream.pointee.avail_out = UInt32(buffer.count)
          let status = deflate(stream, end ? Z_FINISH : Z_NO_FLUSH)
          return (buffer.count - Int(stream.pointee.avail_out), status)
        }
        try store(output[..<produced], &state)
        if status == Z_STREAM_END || (!end && stream.pointee.avail_in == 0 && produced < output.count) { return }
        if status != Z_OK, status != Z_BUF_ERROR { throw Fault(path: path, reason: "zlib failed (\(status))") }
      }
    }
  }

  private func store(_ bytes: ArraySlice<UInt8>, _ state: inout State) throws {
    var place = bytes.startIndex
    while place < bytes.endIndex {
      let count = bytes[place...].withUnsafeBytes { Glibc.write(state.descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        place += count
        state.written += count
      } else if errno != EINTR {
        throw Fault(path: path, reason: Self.reason(errno))
      }
    }
  }

  private static func reason(_ number: Int32) -> String {
    let text = String(cString: strerror(number))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}

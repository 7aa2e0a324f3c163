import Foundation

/// One log that is followed: the file itself, held open while it is written, so that it can be read to its end after it
/// was renamed or removed.
final class FollowedLog {
  enum Standing: Equatable {
    /// Nothing in it yet that tells what it is.
    case unknown
    case log
    /// No log: passed over until it changes.
    case other
  }

  let number: FileLook.Number
  /// Its name now, or the last one that it had.
  var path: String
  var standing = Standing.unknown
  /// What it holds, once that is known.
  var content: SourceContent?
  /// First bytes at the last reading: other ones now mean that the file was emptied and written anew.
  var head: [UInt8] = []
  /// The file when it was last read; nil before.
  var seen: FileLook?
  /// Bytes at its end that were left because they may go on.
  var heldBytes: Int64 = 0
  /// `SourceProgress.identity` of what was read last.
  var identity = ""
  /// Whether no name leads to it any more.
  var isGone = false
  /// Passes in which it was not begun because an older log was not read to its end.
  var postponed = 0
  /// When it changed last, or its name did.
  var changedAt: ContinuousClock.Instant
  var lastFault = ""
  /// Whether it was said that all of it is read again when it has grown.
  var isRereadingSaid = false
  private var descriptor: Int32 = -1

  /// Files that were not written to for longer are closed between readings, so that a directory full of old logs does
  /// not take a descriptor for each (nanoseconds).
  private static let liveAge: Int64 = 3_600_000_000_000

  /// Nil where there is no regular file at the path, or none that may be read.
  init?(path: String, now: ContinuousClock.Instant) {
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { return nil }
    guard let look = FileLook(descriptor: opened) else {
      Glibc.close(opened)
      return nil
    }
    descriptor = opened
    number = look.number
    self.path = path
    changedAt = now
    closeIfOld()
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// The file now; nil where it was closed and is no longer there.
  var look: FileLook? {
    if descriptor >= 0 { return FileLook(descriptor: descriptor) }
    guard let look = FileLook(path: path), look.number == number else { return nil }
    return look
  }

  /// Opens the file for a reading; false where it is not there any more.
  func reopen() -> Bool {
    if descriptor >= 0 { return true }
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { return false }
    guard FileLook(descriptor: opened)?.number == number else {
      Glibc.close(opened)
      return false
    }
    descriptor = opened
    return true
  }

  func closeIfOld() {
    guard descriptor >= 0, let look = FileLook(descriptor: descriptor), look.age > FollowedLog.liveAge else { return }
    Glibc.close(descriptor)
    descriptor = -1
  }

  /// A name that leads to the open file whatever becomes of its own.
  var location: String { "/proc/self/fd/\(descriptor)" }

  /// The first bytes of the open file now.
  func firstBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = pread(descriptor, &bytes, count, 0)
    return Array(bytes.prefix(max(got, 0)))
  }
}

import Glibc

/// The main fork of a relation of the twin, as the server's storage manager keeps it: a file, continued in `.1`, `.2`, …
/// every GiB. All of them sparse: length without content.
///
/// We may be root and the server is not: its directories belong to whom it runs as, who could put a link in the place of
/// any of them. So a file is reached step by step, through directories that are none (`PlaceInside`).
///
/// Source: PostgreSQL `md.c`; segments of `RELSEG_SIZE` blocks, 1 GiB in every ordinary build.
struct RelationFile {
  /// The server's data directory.
  var directory: String
  /// Of the first segment, relative to the data directory.
  var path: String

  private static let segmentBytes: Int64 = 1 << 30

  struct Failure: Error {
    var path: String
    var reason: String
  }

  /// Makes the relation this many pages long. Longer than it is, never shorter: a running server may have segments open.
  func extend(toPages pages: Int64) throws(Failure) {
    let bytes = pages * Int64(BTreePages.pageBytes)
    let first = try opened()
    defer { close(first) }
    var info = stat()
    guard fstat(first, &info) == 0 else { throw failure(path) }
    var left = bytes
    var number = 0
    var descriptor = first
    while true {
      let length = min(left, Self.segmentBytes)
      if number > 0 {
        let name = path + ".\(number)"
        descriptor = open(name, O_RDWR | O_CREAT)
        // The server opens it as its own user.
        guard descriptor >= 0, geteuid() != 0 || fchown(descriptor, info.st_uid, info.st_gid) == 0 else {
          let error = failure(name)
          if descriptor >= 0 { close(descriptor) }
          throw error
        }
      }
      defer { if number > 0 { close(descriptor) } }
      var current = stat()
      guard fstat(descriptor, &current) == 0, current.st_size >= length || ftruncate(descriptor, off_t(length)) == 0
      else { throw failure(path) }
      left -= length
      // A full segment is followed by the next one, if only by an empty one, as the server itself does it.
      guard left > 0 || length == Self.segmentBytes else { return }
      number += 1
    }
  }

  /// A page's content, nil where the file ends before it.
  func page(_ number: Int) throws(Failure) -> [UInt8]? {
    let descriptor = try opened()
    defer { close(descriptor) }
    var page = [UInt8](repeating: 0, count: BTreePages.pageBytes)
    let count = page.withUnsafeMutableBytes {
      pread(descriptor, $0.baseAddress, $0.count, off_t(number * BTreePages.pageBytes))
    }
    guard count >= 0 else { throw failure(path) }
    return count == BTreePages.pageBytes ? page : nil
  }

  /// All pages of a small relation.
  func pages() throws(Failure) -> [[UInt8]] {
    var pages: [[UInt8]] = []
    while pages.count < 16, let page = try page(pages.count) { pages.append(page) }
    return pages
  }

  /// Takes a relation of one segment away.
  func remove() throws(Failure) {
    guard let place = PlaceInside(path, of: directory) else { throw failure(path) }
    guard unlinkat(place.parent, place.name, 0) == 0 || errno == ENOENT else { throw failure(path) }
  }

  /// Writes pages one after another, from page `first` on, all in the first segment.
  func write(_ pages: [[UInt8]], at first: Int) throws(Failure) {
    let descriptor = try opened()
    defer { close(descriptor) }
    try write(pages, at: first, into: descriptor)
  }

  /// Makes the file with these pages, owned like another one; leaves it alone where it exists.
  ///
  /// - Parameter other: relative to the data directory.
  func create(_ pages: [[UInt8]], like other: String) throws(Failure) {
    var info = stat()
    let model = open(other, O_RDONLY)
    guard model >= 0 else { throw failure(other) }
    defer { close(model) }
    guard fstat(model, &info) == 0 else { throw failure(other) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL)
    guard descriptor >= 0 else {
      if errno == EEXIST { return }
      throw failure(path)
    }
    defer { close(descriptor) }
    guard geteuid() != 0 || fchown(descriptor, info.st_uid, info.st_gid) == 0 else { throw failure(path) }
    try write(pages, at: 0, into: descriptor)
  }

  private func write(_ pages: [[UInt8]], at first: Int, into descriptor: Int32) throws(Failure) {
    for (number, page) in pages.enumerated() {
      let count = page.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress, $0.count, off_t((first + number) * BTreePages.pageBytes))
      }
      guard count == page.count else {
        // Less than was asked for is how a disk ends that fills up within a page.
        if count >= 0 { errno = ENOSPC }
        throw failure(path)
      }
    }
  }

  private func opened() throws(Failure) -> Int32 {
    let descriptor = open(path, O_RDWR)
    guard descriptor >= 0 else { throw failure(path) }
    return descriptor
  }

  /// A file of a segment; -1 with `errno` where it cannot be opened.
  private func open(_ path: String, _ flags: Int32) -> Int32 {
    guard let place = PlaceInside(path, of: directory) else { return -1 }
    return openat(place.parent, place.name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
  }

  private func failure(_ path: String) -> Failure {
    Failure(path: directory + "/" + path, reason: String(cString: strerror(errno)))
  }
}

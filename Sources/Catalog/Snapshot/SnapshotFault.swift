internal import Foundation

/// What no line of a server's can hold, and where in the line it stands.
struct SnapshotFault: Hashable {
  /// Bytes before it.
  var position: Int
  var what: String

  /// The first zero character or, where texts must be UTF-8, the first byte that is none.
  static func first(in line: UnsafeRawBufferPointer, mustBeUTF8: Bool) -> SnapshotFault? {
    if let position = zero(in: line) {
      return SnapshotFault(position: position, what: "is a zero character, which no text of PostgreSQL can hold")
    }
    if mustBeUTF8, let position = notUTF8(in: line) {
      return SnapshotFault(position: position, what: "is not UTF-8, in which captures are written")
    }
    return nil
  }

  /// Where `\\u0000` stands that is an escape and not a backslash with text behind it.
  private static func zero(in line: UnsafeRawBufferPointer) -> Int? {
    guard let start = line.baseAddress else { return nil }
    var from = 0
    while from < line.count, let found = memchr(start + from, Int32(UInt8(ascii: "\\")), line.count - from) {
      let position = start.distance(to: UnsafeRawPointer(found))
      if line[position...].starts(with: "\\u0000".utf8) { return position }
      // An escape has a character behind its backslash, which may be another backslash.
      from = position + 2
    }
    return nil
  }

  private static func notUTF8(in line: UnsafeRawBufferPointer) -> Int? {
    guard line.contains(where: { $0 >= 0x80 }) else { return nil }
    if String(validating: line, as: UTF8.self) != nil { return nil }
    // The decoder tells where it stopped by how much it took before.
    var decoder = UTF8()
    var iterator = line.makeIterator()
    var position = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { position += UTF8.width(scalar) }
    return position
  }
}

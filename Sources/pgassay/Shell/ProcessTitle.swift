import Foundation

/// The process's arguments as other users of the machine see them (`ps`, `/proc/PID/cmdline`).
enum ProcessTitle {
  /// Overwrites passwords of connection strings with stars. Swift has its own copy of the arguments, which must have
  /// been read before.
  static func hidePasswords() {
    #if os(Linux)
      // proc(5): fields 48 and 49 of `stat` are the bounds of the arguments; the first two end with ")".
      guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
        let end = stat.lastIndex(of: ")")
      else { return }
      let fields = stat[stat.index(after: end)...].split(separator: " ")
      guard fields.count > 46, let start = UInt(fields[45]), let stop = UInt(fields[46]), start > 0, stop > start,
        let base = UnsafeMutablePointer<UInt8>(bitPattern: start)
      else { return }
      let arguments = UnsafeMutableBufferPointer(start: base, count: Int(stop - start))
      for range in passwords(in: Array(arguments)) { for place in range { arguments[place] = UInt8(ascii: "*") } }
    #endif
  }

  /// Where passwords are: after `password=`, in quotes or to the next blank, `&` or NUL, and in a URI between the
  /// user's colon and the last `@`.
  static func passwords(in bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    func starts(_ text: StaticString, at place: Int) -> Bool {
      guard place + text.utf8CodeUnitCount <= bytes.count else { return false }
      return text.withUTF8Buffer { $0.enumerated().allSatisfy { bytes[place + $0.offset] | 0x20 == $0.element | 0x20 } }
    }
    for place in bytes.indices {
      if starts("password", at: place) {
        var start = place + 8
        while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
        guard start < bytes.count, bytes[start] == UInt8(ascii: "=") else { continue }
        start += 1
        while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
        let isQuoted = start < bytes.count && bytes[start] == UInt8(ascii: "'")
        if isQuoted { start += 1 }
        var end = start
        while end < bytes.count, bytes[end] != 0 {
          if isQuoted {
            if bytes[end] == UInt8(ascii: "'") { break }
            if bytes[end] == UInt8(ascii: "\\"), end + 1 < bytes.count, bytes[end + 1] != 0 { end += 1 }
          } else if bytes[end] == UInt8(ascii: " ") || bytes[end] == UInt8(ascii: "&") {
            break
          }
          end += 1
        }
        found.append(start..<min(end, bytes.count))
      } else if starts("://", at: place), place > 0, bytes[place] == UInt8(ascii: ":") {
        // Rather too much than too little: a URI that cannot be read may hold its password all the same.
        let rest = bytes[(place + 3)...].prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        guard let first = rest.firstIndex(of: UInt8(ascii: "@")), let at = rest.lastIndex(of: UInt8(ascii: "@")),
          let colon = rest[..<first].firstIndex(of: UInt8(ascii: ":"))
        else { continue }
        found.append(colon + 1..<at)
      }
    }
    return found
  }
}

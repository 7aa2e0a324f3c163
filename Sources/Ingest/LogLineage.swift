import Bytes
import Foundation
import Model
import ServerLog

/// What the logs read before say of a new one that goes on where one of them ended.
enum LogLineage {
  /// Bytes of a stderr log that prove its prefix.
  private static let provingBytes = 64 << 10

  /// The source that a new log continues: the latest one before it of the same format in the same directory. A session
  /// lives on when the server begins a new file, so what waits in it for its next entry waits in the new one.
  static func predecessor(
    of content: SourceContent, _ format: LogFormat, among sources: [SourceProgress]
  ) -> SourceProgress? {
    guard let first = content.firstTime else { return nil }
    let directory = directory(content.path)
    return sources.filter { source in
      guard source.format == content.name(of: format), let last = source.last, self.directory(source.path) == directory
      else {
        return false
      }
      let gap = first.microseconds - last.microseconds
      return gap >= -longestOverlap && gap <= longestGap
    }.max { ($0.last?.microseconds ?? 0, $0.identity) < ($1.last?.microseconds ?? 0, $1.identity) }
  }

  /// Microseconds between the last entry of a log and the first of the next: process ids, which name the sessions of
  /// logs without %c, come again after a while.
  private static let longestGap: Int64 = 600_000_000
  /// Entries are written in almost, not quite, the order of their times.
  private static let longestOverlap: Int64 = 1_000_000

  /// The format of a log that may not prove its prefix, because it is short or all of its beginning comes from one
  /// client: that of the longer logs beside it, if it fits.
  static func format(
    of content: SourceContent, _ found: LogFormat, isGiven: Bool, among sources: [SourceProgress]
  ) -> LogFormat {
    guard case .stderr(let prefix) = found, !isGiven, content.unwrapping.isEmpty else { return found }
    let directory = directory(content.path)
    for source in sources.reversed()
    where source.consumed >= provingBytes && self.directory(source.path) == directory {
      guard source.format.hasPrefix("stderr \""), let end = source.format.lastIndex(of: "\"") else { continue }
      let text = String(source.format[..<end].dropFirst("stderr \"".count))
      if text == prefix.text { return found }
      let verdict = content.head.withUnsafeBytes { LogSniffer().judge($0, prefix: text) }
      if case .log(let format) = verdict { return format }
    }
    return found
  }

  private static func directory(_ path: String) -> String {
    ((path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path) as NSString)
      .standardizingPath.split(separator: "/").dropLast().joined(separator: "/")
  }
}

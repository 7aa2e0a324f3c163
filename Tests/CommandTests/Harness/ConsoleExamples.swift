import Foundation
import Testing

/// The examples of a Markdown file: every fenced block marked `console`, run in order in one directory.
///
///     ```console
///     $ pgassay --version
///     0.1.0
///     ```
///
/// Each line that starts with `$ ` is a command for `sh`, continued after a backslash; the lines up to the next one are
/// what it must print, if there are any. A line `…` stands for any number of lines. The first line after the fence's
/// `console` may say `exit=N` (the exit code that every command of the block must have; 0 otherwise) or
/// `skip="REASON"`; commands that are not `pgassay`'s can only be shown in skipped blocks.
struct ConsoleExamples {
  struct Example {
    var line: Int
    var command: String
    var expectedOutput: [String]
    var exitCode: Int32
  }

  var file: String
  var examples: [Example] = []
  /// Reasons by line.
  var skipped: [(line: Int, reason: String)] = []

  struct Malformed: Error, CustomStringConvertible {
    var description: String
  }

  init(file: String, text: String) throws {
    self.file = file
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var index = 0
    while index < lines.count {
      let fence = lines[index]
      index += 1
      guard fence.hasPrefix("```console") else { continue }
      let options = fence.dropFirst("```console".count).trimmingCharacters(in: .whitespaces)
      let start = index
      while index < lines.count, !lines[index].hasPrefix("```") { index += 1 }
      let body = Array(lines[start..<index])
      index += 1
      if options.hasPrefix("skip=\"") {
        let reason = options.dropFirst("skip=\"".count).prefix { $0 != "\"" }
        guard !reason.isEmpty else {
          throw Malformed(description: "\(file):\(start): a skipped example needs a reason")
        }
        skipped.append((start, String(reason)))
        continue
      }
      var exitCode: Int32 = 0
      if options.hasPrefix("exit=") {
        guard let code = Int32(options.dropFirst("exit=".count)) else {
          throw Malformed(description: "\(file):\(start): \(options) is no exit code")
        }
        exitCode = code
      } else if !options.isEmpty {
        throw Malformed(description: "\(file):\(start): unknown option \(options)")
      }
      try add(body, start: start, exitCode: exitCode)
    }
  }

  private mutating func add(_ body: [String], start: Int, exitCode: Int32) throws {
    var index = 0
    while index < body.count {
      guard body[index].hasPrefix("$ ") else {
        throw Malformed(description: "\(file):\(start + index + 1): output without a command")
      }
      let line = start + index + 1
      var command = String(body[index].dropFirst(2))
      index += 1
      while command.hasSuffix("\\"), index < body.count {
        command = command.dropLast() + body[index]
        index += 1
      }
      guard command == "pgassay" || command.hasPrefix("pgassay ") else {
        throw Malformed(description: "\(file):\(line): only pgassay can be run here; mark the block with skip=\"…\"")
      }
      let outputStart = index
      while index < body.count, !body[index].hasPrefix("$ ") { index += 1 }
      examples.append(
        Example(
          line: line, command: command, expectedOutput: Array(body[outputStart..<index]), exitCode: exitCode))
    }
  }

  /// Runs the examples in order in `directory` and records an issue for each that does not do what the file says.
  func run(in directory: String) throws {
    for example in examples {
      let outcome = try PgAssayBinary.runShell(example.command, in: directory)
      if outcome.exitCode != example.exitCode {
        Issue.record(
          "\(file):\(example.line): exit code \(outcome.exitCode), not \(example.exitCode)\n\(outcome.stdout)")
      }
      guard !example.expectedOutput.isEmpty else { continue }
      var lines = outcome.stdout.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
      if !Self.matches(example.expectedOutput[...], lines[...]) {
        let difference = LineDifference.between(
          expected: example.expectedOutput.joined(separator: "\n"), actual: lines.joined(separator: "\n"))
        Issue.record("\(file):\(example.line): `\(example.command)` prints something else\n\(difference)")
      }
    }
  }

  /// Whether `lines` are what `pattern` shows, a line `…` standing for any number of lines.
  static func matches(_ pattern: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return lines.isEmpty }
    if first == "…" {
      let rest = pattern.dropFirst()
      return (lines.startIndex...lines.endIndex).contains { matches(rest, lines[$0...]) }
    }
    guard let line = lines.first, line == first else { return false }
    return matches(pattern.dropFirst(), lines.dropFirst())
  }
}

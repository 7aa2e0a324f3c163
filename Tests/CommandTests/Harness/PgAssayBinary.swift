import Foundation

/// The built `pgassay` beside the test bundle, and how to run it.
enum PgAssayBinary {
  /// The repository's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

  /// The folder of the running test bundle, where SwiftPM puts the binary too.
  static let folder: String = {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: bundle ?? CommandLine.arguments[0]).deletingLastPathComponent().path(percentEncoded: false)
  }()
  static let path = folder + "/pgassay"

  struct Outcome: Equatable {
    var stdout: String
    var stderr: String
    var exitCode: Int32
  }

  /// Runs `pgassay ARGUMENTS` in `directory`.
  static func run(
    _ arguments: [String], in directory: String, environment: [String: String] = [:], standardInput: String? = nil
  ) throws -> Outcome {
    try run(path, arguments, in: directory, environment: environment, standardInput: standardInput)
  }

  /// Runs `script` with `sh`, `pgassay` being on its path; what it writes to standard error comes among its output as
  /// on a terminal.
  static func runShell(_ script: String, in directory: String) throws -> Outcome {
    try run("/bin/sh", ["-c", "exec 2>&1\n" + script], in: directory, environment: [:], standardInput: nil)
  }

  private static func run(
    _ program: String, _ arguments: [String], in directory: String, environment: [String: String],
    standardInput: String?
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: directory)
    process.environment = baseEnvironment(directory).merging(environment) { $1 }
    // Files and not pipes: no amount of output can make the two wait for each other.
    let capture = try TemporaryDirectory()
    let (out, err, input) = (capture.path + "/stdout", capture.path + "/stderr", capture.path + "/stdin")
    for path in [out, err] { try Data().write(to: URL(filePath: path)) }
    try Data((standardInput ?? "").utf8).write(to: URL(filePath: input))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: out))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: err))
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: input))
    try process.run()
    process.waitUntilExit()
    func text(_ path: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
    // A signal shows as a shell shows it.
    let code = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    return Outcome(stdout: try text(out), stderr: try text(err), exitCode: code)
  }

  /// Nothing of the caller's settings: the same on every machine.
  private static func baseEnvironment(_ directory: String) -> [String: String] {
    let own = ProcessInfo.processInfo.environment
    var environment = [
      "PATH": folder + ":" + (own["PATH"] ?? "/usr/bin:/bin"), "HOME": directory, "LANG": "C.UTF-8", "TZ": "UTC",
      // Without it a crash of the command would spend minutes on its backtrace.
      "SWIFT_BACKTRACE": "enable=no",
    ]
    for name in ["LD_LIBRARY_PATH", "TMPDIR", "LLVM_PROFILE_FILE"] { environment[name] = own[name] }
    return environment
  }
}

/// A directory that goes away with the value.
final class TemporaryDirectory {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "pgassay-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path(percentEncoded: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

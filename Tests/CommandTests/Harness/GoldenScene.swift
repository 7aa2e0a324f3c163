import Foundation
import Testing

/// Commands run one after the other in one fresh directory, the output of each compared with its golden files.
///
/// A step named `top` is compared byte for byte with `Golden/top.stdout`, `top.stderr` and `top.exit`; the latter two
/// are absent for an empty standard error and exit code 0. Before comparing, and when recording, the version becomes
/// `$VERSION`, the fresh directory `$TMP` and the repository's root `$ROOT`; nothing else is replaced but what a step names. The fresh
/// directory holds a link `Workloads` to the recorded workloads.
///
/// `PGASSAY_RECORD_GOLDEN=1 swift test --filter CommandTests` writes the files anew: read the difference before you
/// commit it.
struct GoldenScene: Sendable, CustomTestStringConvertible {
  struct Step: Sendable {
    var name: String
    var arguments: [String]
    var environment: [String: String]
    var standardInput: String?
    /// Files that the command writes and that are compared as `Golden/STEP.FILE`.
    var files: [String]
    /// What differs from machine to machine: regular expressions and what is compared in the place of what they match.
    var replacing: [String: String] = [:]
    /// Whether this step only prepares the ground: it has no golden files and must exit with 0.
    var isPreparation: Bool

    /// A step with golden files.
    init(
      _ name: String, _ arguments: [String], environment: [String: String] = [:], standardInput: String? = nil,
      files: [String] = [], replacing: [String: String] = [:]
    ) {
      self.name = name
      self.arguments = arguments
      self.environment = environment
      self.standardInput = standardInput
      self.files = files
      self.replacing = replacing
      isPreparation = false
    }

    /// A step that must succeed, whatever it prints.
    static func prepare(_ arguments: [String]) -> Step {
      var step = Step("", arguments)
      step.isPreparation = true
      return step
    }
  }

  var name: String
  /// Files to be there from the start: name in the fresh directory → content.
  var files: [String: [UInt8]]
  var steps: [Step]

  init(_ name: String, files: [String: [UInt8]] = [:], _ steps: [Step]) {
    self.name = name
    self.files = files
    self.steps = steps
  }

  var testDescription: String { name }

  func play() throws {
    let directory = try TemporaryDirectory()
    let workloads = PgAssayBinary.root + "/Workloads"
    if FileManager.default.fileExists(atPath: workloads) {
      try FileManager.default.createSymbolicLink(
        atPath: directory.path + "/Workloads", withDestinationPath: workloads)
    }
    for (name, content) in files { try Data(content).write(to: URL(filePath: directory.path + "/" + name)) }
    for step in steps {
      let outcome = try PgAssayBinary.run(
        step.arguments, in: directory.path, environment: step.environment, standardInput: step.standardInput)
      if step.isPreparation {
        try #require(outcome.exitCode == 0, "pgassay \(step.arguments.joined(separator: " ")): \(outcome.stderr)")
        continue
      }
      var actual = [
        "stdout": outcome.stdout, "stderr": outcome.stderr,
        "exit": outcome.exitCode == 0 ? "" : "\(outcome.exitCode)\n",
      ]
      for file in step.files {
        let data = try? Data(contentsOf: URL(filePath: directory.path + "/" + file))
        actual[file] = data.map { String(decoding: $0, as: UTF8.self) } ?? "(no such file)"
      }
      for (suffix, original) in actual.sorted(by: { $0.key < $1.key }) {
        let text = step.replacing.sorted { $0.key < $1.key }.reduce(original) {
          $0.replacingOccurrences(of: $1.key, with: $1.value, options: .regularExpression)
        }
        try Golden.compare(Golden.normalized(text, directory: directory.path), with: step.name + "." + suffix)
      }
    }
  }

  /// The names of the golden files that this scene reads.
  var goldenFiles: [String] {
    steps.filter { !$0.isPreparation }.flatMap { step in
      (["stdout", "stderr", "exit"] + step.files).map { step.name + "." + $0 }
    }
  }
}

/// The recorded files.
enum Golden {
  static let folder = PgAssayBinary.root + "/Tests/CommandTests/Golden"
  static let isRecording = ProcessInfo.processInfo.environment["PGASSAY_RECORD_GOLDEN"] == "1"

  static func normalized(_ text: String, directory: String) -> String {
    // Longest first: a temporary directory may lie below the repository.
    text.replacingOccurrences(of: directory, with: "$TMP")
      .replacingOccurrences(of: PgAssayBinary.root, with: "$ROOT")
      .replacingOccurrences(of: version, with: "$VERSION")
  }

  /// What `pgassay --version` prints.
  static let version: String = {
    let outcome = try? PgAssayBinary.run(["--version"], in: "/")
    return outcome?.stdout.trimmingCharacters(in: .whitespacesAndNewlines) ?? "(pgassay did not run)"
  }()

  /// An empty text has no file.
  static func compare(_ actual: String, with name: String) throws {
    let url = URL(filePath: folder + "/" + name)
    if isRecording {
      if actual.isEmpty { try? FileManager.default.removeItem(at: url) } else { try Data(actual.utf8).write(to: url) }
      return
    }
    let expected = (try? Data(contentsOf: url)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard actual != expected else { return }
    let difference = LineDifference.between(expected: expected, actual: actual)
    Issue.record("\(name) differs.\n\(difference)")
  }
}

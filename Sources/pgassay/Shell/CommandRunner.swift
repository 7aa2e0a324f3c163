import ArgumentParser
import Foundation
import Model

/// Runs the command and turns what it throws into the process's exit code.
///
/// A subcommand's `run()` parses nothing, formats nothing and never exits: it calls its room and hands the result to
/// `Output.standard`. It throws what the rooms throw, or an `ExitCode` for a verdict.
enum CommandRunner {
  /// Parses the process's arguments, runs the chosen subcommand and exits.
  static func main(_ root: any AsyncParsableCommand.Type) async -> Never {
    ProcessMemory.limit()
    Interrupts.install()
    let arguments = Array(CommandLine.arguments.dropFirst())
    ProcessTitle.hidePasswords()
    let code = await run(root, arguments: arguments)
    Interrupts.cleanUp()
    exit(code.rawValue)
  }

  /// Runs the subcommand that `arguments` name and says what to exit with; all output is written when it returns.
  static func run(_ root: any AsyncParsableCommand.Type, arguments: [String]) async -> ExitCode {
    var code = ExitCode.fine
    do {
      var command = try root.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      code = report(error, of: root)
    }
    do {
      try Output.standard.finish()
    } catch {
      Diagnostics.error(error.sentence)
      code = .unusable
    }
    return code
  }

  private static func report(_ error: any Error, of root: any AsyncParsableCommand.Type) -> ExitCode {
    if let code = error as? ExitCode { return code }
    if error is CancellationError {
      Diagnostics.error("interrupted; nothing was changed")
      return .interrupted
    }
    if let error = error as? any UserError {
      Diagnostics.error(error.sentence)
      return .unusable
    }
    let parserCode = root.exitCode(for: error)
    if parserCode == .success {
      // --help and --version.
      Output.standard.line(root.fullMessage(for: error))
      return .fine
    }
    if parserCode == .validationFailure {
      Diagnostics.usage(root.fullMessage(for: error))
      return .unusable
    }
    Diagnostics.error(String(describing: error))
    return .unusable
  }
}

extension ExitCode {
  /// Nothing to report, or nothing at or over the gate.
  static let fine = ExitCode(0)
  /// Findings at or over the gate.
  static let findings = ExitCode(1)
  /// Bad arguments, unreadable input, or a fault on the way.
  static let unusable = ExitCode(2)
  /// There is not enough data to decide.
  static let undecided = ExitCode(3)
  /// Ended by Ctrl-C or SIGTERM in the middle of something that could stop in order: 128 + SIGINT, as shells say it.
  static let interrupted = ExitCode(130)
}

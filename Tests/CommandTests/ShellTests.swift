import Foundation
import Testing

/// What the shell promises about output that cannot be delivered.
@Suite struct ShellTests {
  @Test func aClosedPipeEndsQuietly() throws {
    let directory = try TemporaryDirectory()
    let outcome = try PgAssayBinary.runShell("{ sleep 0.2; pgassay --help; echo $? >code; } | true", in: directory.path)
    #expect(outcome.stdout == "")
    #expect(try String(contentsOfFile: directory.path + "/code", encoding: .utf8) == "0\n")
  }

  @Test func aFullDeviceIsAnError() throws {
    let directory = try TemporaryDirectory()
    let outcome = try PgAssayBinary.runShell("pgassay --help >/dev/full", in: directory.path)
    #expect(outcome.exitCode == 2)
    #expect(outcome.stdout == "pgassay: cannot write to standard output: No space left on device\n")
  }
}

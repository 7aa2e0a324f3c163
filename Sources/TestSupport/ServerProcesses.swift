import Foundation
import Glibc
public import PrivateServer

/// The processes of a server, told by the data directory that they work in.
enum ServerProcesses {
  static func of(_ dataDirectory: String) -> [pid_t] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
      .filter { works($0, in: dataDirectory) }
  }

  static func works(_ pid: pid_t, in dataDirectory: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) == dataDirectory
  }

  /// Returns when none is left. The log collector is the last: it writes until nobody can send it anything any more.
  static func wait(for dataDirectory: String) async throws {
    for _ in 0..<6_000 where !of(dataDirectory).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    let left = of(dataDirectory)
    if !left.isEmpty { throw Failure(sentence: "processes \(left) of the server in \(dataDirectory) do not end") }
  }

  struct Failure: Error {
    let sentence: String
  }
}

extension PrivateServer {
  /// Shuts the server down and returns when its log files are whole; they stay where they are.
  ///
  /// The collector writes on its own time, and a server that runs may write to one of its logs at any moment: logs
  /// that are to hold the same are those of a server that has ended.
  public func finishLogs() async throws {
    try await run([binaries.directory + "/pg_ctl", "-D", dataDirectory, "-s", "-m", "fast", "-w", "-t", "300", "stop"])
    try await ServerProcesses.wait(for: dataDirectory)
  }
}

extension RestartableServer {
  /// As `PrivateServer.finishLogs`; the server can be started again.
  public func finishLogs() async throws {
    try await stop()
    try await ServerProcesses.wait(for: dataDirectory)
  }
}

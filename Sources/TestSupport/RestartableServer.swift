import Foundation
import Glibc
public import PrivateServer

/// A server whose crashes, restarts and standbys are what a test is about.
///
/// It lives in the directory of a private server and runs as its user. Should the test's process end early, that
/// directory goes away, and with it, within a minute, a postmaster that still runs in it.
public final class RestartableServer: Sendable {
  public let host: PrivateServer
  public let dataDirectory: String
  public let port: Int
  private let language: String?
  public var socketDirectory: String { host.socketDirectory }

  private init(host: PrivateServer, dataDirectory: String, port: Int, language: String? = nil) {
    self.host = host
    self.dataDirectory = dataDirectory
    self.port = port
    self.language = language
  }

  /// Runs `body` against a server of a major version that is here, with these settings in its configuration file.
  ///
  /// - Parameter language: of its messages, such as `de`, by gettext's variable LANGUAGE: unlike `lc_messages` it needs
  ///   no locale of that language on this machine, only one that is not C.
  public static func with<T>(
    _ major: Int, settings: [String: String] = [:], language: String? = nil,
    _ body: (RestartableServer) async throws -> T
  ) async throws -> T {
    try await withServer(version: major, binaryDirectory: TestServers.binaries(major)) { host in
      let server = RestartableServer(
        host: host, dataDirectory: host.dataDirectory, port: 5_432, language: language)
      try await server.stop()
      try server.configure(
        [
          "listen_addresses": "", "unix_socket_directories": host.socketDirectory, "fsync": "off", "port": "5432",
          "max_wal_senders": "4", "wal_level": "replica", "max_connections": "40", "autovacuum": "off",
        ].merging(language == nil ? [:] : ["lc_messages": "C.UTF-8"]) { $1 }.merging(settings) { $1 })
      try await server.start()
      do {
        let result = try await body(server)
        server.kill()
        return result
      } catch {
        server.kill()
        throw error
      }
    }
  }

  /// Adds lines to the configuration file; they hold from the next start on.
  public func configure(_ settings: [String: String]) throws {
    let file = try FileHandle(forWritingTo: URL(filePath: dataDirectory + "/postgresql.conf"))
    try file.seekToEnd()
    let lines = settings.sorted { $0.key < $1.key }.map {
      "\($0.key) = '\($0.value.replacingOccurrences(of: "'", with: "''"))'\n"
    }
    try file.write(contentsOf: Data(lines.joined().utf8))
    try file.close()
  }

  public func start() async throws {
    let log = host.socketDirectory + "/restartable-\(port).log"
    var attempts = 0
    while true {
      do {
        return try await control(["-l", log, "-w", "-t", "60", "start"])
      } catch {
        // Shared memory of a killed server may be in use for a moment longer than its processes are seen.
        attempts += 1
        guard attempts < 20 else {
          throw Failure(
            sentence: "\(error)\n" + ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").suffix(1_500))
        }
        try await Task.sleep(for: .milliseconds(250))
      }
    }
  }

  struct Failure: Error {
    let sentence: String
  }

  /// Ends the server: `fast` writes everything down, `immediate` is a crash.
  public func stop(_ mode: String = "fast") async throws { try await control(["-m", mode, "-w", "-t", "60", "stop"]) }

  private func control(_ arguments: [String]) async throws {
    let environment = language.map { ["env", "LANGUAGE=\($0)"] } ?? []
    try await host.run(environment + [host.binaries.directory + "/pg_ctl", "-D", dataDirectory, "-s"] + arguments)
  }

  /// `kill -9` of the postmaster; returns when its children are gone too. Does nothing when it does not run.
  public func kill() {
    guard let text = try? String(contentsOfFile: dataDirectory + "/postmaster.pid", encoding: .utf8),
      let pid = pid_t(text.prefix { $0 != "\n" }), ServerProcesses.works(pid, in: dataDirectory)
    else { return }
    _ = Glibc.kill(pid, SIGKILL)
    for _ in 0..<2_000 where !processes().isEmpty { usleep(5_000) }
    for pid in processes() { _ = Glibc.kill(pid, SIGKILL) }
  }

  /// A hot standby of this server, running beside it.
  public func makeStandby(port: Int) async throws -> RestartableServer {
    let standby = RestartableServer(
      host: host, dataDirectory: host.socketDirectory + "/standby-\(port)", port: port)
    try await host.run([
      host.binaries.directory + "/pg_basebackup", "-h", socketDirectory, "-p", String(self.port), "-U", "postgres",
      "-D",
      standby.dataDirectory, "-R", "-X", "stream", "-c", "fast",
    ])
    try standby.configure(["port": String(port), "hot_standby": "on"])
    try await standby.start()
    return standby
  }

  /// A copy of this server's storage as it is at this moment, started by itself: same identifier, same timeline.
  public func makeClone(port: Int) async throws -> RestartableServer {
    let clone = RestartableServer(host: host, dataDirectory: host.socketDirectory + "/clone-\(port)", port: port)
    try await host.run([
      host.binaries.directory + "/pg_basebackup", "-h", socketDirectory, "-p", String(self.port), "-U", "postgres",
      "-D", clone.dataDirectory, "-X", "stream", "-c", "fast",
    ])
    try clone.configure(["port": String(port)])
    try await clone.start()
    return clone
  }

  public func promote() async throws { try await control(["-w", "promote"]) }

  private func processes() -> [pid_t] { ServerProcesses.of(dataDirectory) }
}

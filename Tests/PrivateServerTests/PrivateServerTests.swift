import Foundation
import Model
import PrivateServer
import TestSupport
import Testing

@Suite struct PrivateServerTests {
  /// Runs psql of the server's own binaries.
  private func ask(_ server: PrivateServer, _ sql: String, database: String = "postgres") async throws -> String {
    let psql = server.binaries.directory + "/psql"
    return try await server.run([
      FileManager.default.isExecutableFile(atPath: psql) ? psql : "psql", "-XAtc", sql,
      server.connectionString(database: database),
    ]).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func `a server answers through its own socket only and is gone afterwards`() async throws {
    let directory = try await withServer(settings: ["work_mem": "7MB"]) { server in
      #expect(try await ask(server, "show listen_addresses") == "")
      #expect(try await ask(server, "show work_mem") == "7MB")
      #expect(try await ask(server, "show fsync") == "off")
      #expect(try await ask(server, "show autovacuum") == "off")
      #expect(try await ask(server, "show data_checksums") == "off")
      #expect(try await ask(server, "select current_setting('server_version_num')::int") == "\(server.version.number)")
      let attributes = try FileManager.default.attributesOfItem(atPath: server.socketDirectory)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
      #expect((attributes[.ownerAccountID] as? NSNumber)?.intValue != 0, "PostgreSQL must not run as root")
      return server.socketDirectory
    }
    #expect(!FileManager.default.fileExists(atPath: directory))
    #expect(!FileManager.default.fileExists(atPath: directory + ".lock"))
  }

  @Test(.enabled(if: TestServers.has(16), "PostgreSQL 16 is missing; .ci/servers installs it"))
  func `a server of version 16 runs from a directory of programs`() async throws { try await answers(16) }

  @Test(.enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"))
  func `a server of version 18 runs from a directory of programs`() async throws { try await answers(18) }

  private func answers(_ major: Int) async throws {
    try await withServer(version: major, binaryDirectory: TestServers.binaries(major)) { server in
      #expect(server.version.major == major)
      let said = try await server.run(["psql", "-XAtc", "show server_version_num", server.connectionString()])
      #expect(said.hasPrefix("\(major)"))
    }
  }

  @Test func `a server with one database has no other`() async throws {
    let server = try await PrivateServer.start(.init(singleDatabase: true))
    let names = try await ask(server, "select string_agg(datname, ',') from pg_database", database: "twin")
    await server.stop()
    #expect(names == "twin")
  }

  @Test func `a setting that the server refuses is an error in its own words and leaves nothing`() async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("pgassay-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    await #expect {
      _ = try await PrivateServer.start(.init(settings: ["work_mem": "much"], temporaryDirectory: directory.path))
    } throws: { error in
      "\(error)".contains("work_mem")
    }
    let left = try FileManager.default.subpathsOfDirectory(atPath: directory.path + "/pgassay-\(getuid())")
      .filter { !$0.hasPrefix("template-") }
    #expect(left == [])
  }

  /// A file system of 8 MB; nil where none may be mounted.
  private func smallDisk() throws -> String? {
    let path = "/tmp/pgassay-full-\(getpid())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    guard mount("tmpfs", path, "tmpfs", 0, "size=8m,mode=755") == 0 else {
      try FileManager.default.removeItem(atPath: path)
      return nil
    }
    return path
  }

  @Test func `a full disk is told with its place and what is needed`() async throws {
    guard let disk = try smallDisk() else { return }
    defer {
      umount(disk)
      try? FileManager.default.removeItem(atPath: disk)
    }
    for settings in [[:], ["work_mem": "8MB"]] {
      await #expect {
        _ = try await PrivateServer.start(.init(settings: settings, temporaryDirectory: disk))
      } throws: { error in
        "\(error)".contains("no space left on device in \(disk)") && "\(error)".contains("needs about 128 MB")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk + "/pgassay-\(getuid())") == [])
  }

  @Test func `no lock of a template stays`() async throws {
    let server = try await PrivateServer.start()
    let base = URL(filePath: server.socketDirectory).deletingLastPathComponent()
    // As an earlier version left them.
    let old = base.path + "/template-1-\(UUID().uuidString).lock"
    try Data().write(to: URL(filePath: old))
    await server.stop()
    let next = try await PrivateServer.start()
    #expect(!FileManager.default.fileExists(atPath: old))
    await next.stop()
  }

  @Test func `a directory without programs and a version that does not exist are told apart`() async throws {
    await #expect {
      _ = try await PrivateServer.start(.init(binaryDirectory: "/usr/share"))
    } throws: { "\($0)".contains("/usr/share") && "\($0)".contains("initdb") }
    await #expect {
      _ = try await PrivateServer.start(.init(version: 11))
    } throws: { "\($0)".contains("no PostgreSQL 11 server programs") }
    let other = try await ServerBinaries.find(major: 11, orNearest: true)
    #expect(other.version.major > 11)
  }

  /// The directory belongs to the server's user, and what starts the server may be root.
  @Test func `nothing is written where the server's user leads it`() async throws {
    let victim = NSTemporaryDirectory() + "/pgassay-victim-\(UUID().uuidString)"
    try Data("untouched".utf8).write(to: URL(filePath: victim))
    defer { try? FileManager.default.removeItem(atPath: victim) }
    let server = try await PrivateServer.start()
    try await server.run(["ln", "-s", victim, server.socketDirectory + "/exited"])
    #expect(!server.hasEnded)
    let postmaster = try #require(
      try runningIn(server.dataDirectory).first { pid in
        try String(contentsOfFile: server.dataDirectory + "/postmaster.pid", encoding: .utf8).hasPrefix("\(pid)\n")
      })
    try await server.run(["kill", "-QUIT", "\(postmaster)"])
    for _ in 0..<1_000 where !server.hasEnded { try await Task.sleep(for: .milliseconds(10)) }
    #expect(server.hasEnded)
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "untouched")
    await server.stop()
    #expect(!FileManager.default.fileExists(atPath: server.socketDirectory))
    #expect(!FileManager.default.fileExists(atPath: server.socketDirectory + ".exited"))
  }

  /// Who could reach the server could change what it says.
  @Test(.enabled(if: geteuid() == 0, "only root starts servers as somebody else"))
  func `no process of the user without rights reaches a server that root started`() async throws {
    // A place of its own, without templates that an earlier version left.
    let place = "/tmp/pgassay-alone-\(getpid())"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let server = try await PrivateServer.start(.init(temporaryDirectory: place))
    let other = try await PrivateServer.start(.init(temporaryDirectory: place))
    func owner(_ path: String) throws -> Int? {
      (try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? NSNumber)?.intValue
    }
    let uid = try #require(try owner(server.dataDirectory))
    #expect(getpwuid(uid_t(uid)) == nil && uid != 0, "the server runs as nobody whom others may be")
    #expect(try owner(other.dataDirectory) != uid)
    #expect(try owner(server.dataDirectory + "/global") == uid && owner(server.socketDirectory) == uid)
    let pidFile = try String(contentsOfFile: server.dataDirectory + "/postmaster.pid", encoding: .utf8)
    let postmaster = try #require(pid_t(pidFile.prefix { $0 != "\n" }))
    #expect(try String(contentsOfFile: "/proc/\(postmaster)/status", encoding: .utf8).contains("Uid:\t\(uid)\t\(uid)"))
    let base = URL(filePath: server.socketDirectory).deletingLastPathComponent().path
    let templates = try FileManager.default.contentsOfDirectory(atPath: base).filter {
      $0.hasPrefix("template-") && !$0.hasSuffix(".lock")
    }
    #expect(templates.count == 1)
    for path in templates.flatMap({ [$0, $0 + "/data", $0 + "/data/global", $0 + "/data/PG_VERSION"] }) {
      #expect(try owner(base + "/" + path) == 0, "\(path)")
    }

    func asNobody(_ command: [String]) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/setpriv")
      process.arguments = ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] + command
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try asNobody(["true"]) == 0)
    #expect(try asNobody(["psql", "-XAtc", "select 1", server.connectionString()]) != 0)
    #expect(try asNobody(["ls", server.socketDirectory]) != 0)
    #expect(try asNobody(["kill", "-0", "\(postmaster)"]) != 0)
    #expect(try await ask(server, "select 1") == "1")
    await server.stop()
    await other.stop()
  }

  @Test func `a server whose owner was killed ends by itself`() async throws {
    let marker = FileManager.default.temporaryDirectory.appendingPathComponent("pgassay-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: marker) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = marker.path as String] in
      let server = try await PrivateServer.start()
      try server.socketDirectory.write(toFile: path, atomically: true, encoding: .utf8)
      kill(getpid(), SIGKILL)
    }
    let directory = try String(contentsOf: marker, encoding: .utf8)
    let processes = { try runningIn(directory) }
    for _ in 0..<1_000 where FileManager.default.fileExists(atPath: directory) {
      try await Task.sleep(nanoseconds: 10_000_000)
    }
    #expect(!FileManager.default.fileExists(atPath: directory))
    #expect(try processes().isEmpty)
  }

  @Test func `the next start removes what a killed owner and a killed watchdog left`() async throws {
    let marker = FileManager.default.temporaryDirectory.appendingPathComponent("pgassay-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: marker) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = marker.path as String] in
      let server = try await PrivateServer.start()
      // The watchdogs are the two shells that have the directory among their arguments.
      for pid in try processes(naming: server.socketDirectory, program: "sh") { kill(pid, SIGKILL) }
      try server.socketDirectory.write(toFile: path, atomically: true, encoding: .utf8)
      kill(getpid(), SIGKILL)
    }
    let directory = try String(contentsOf: marker, encoding: .utf8)
    // Another test's start may be quicker than ours, so only the end state is certain.
    let server = try await PrivateServer.start()
    #expect(!FileManager.default.fileExists(atPath: directory))
    #expect(!FileManager.default.fileExists(atPath: directory + ".lock"))
    #expect(FileManager.default.fileExists(atPath: server.socketDirectory), "a living owner's server stays")
    #expect(try await ask(server, "select 1") == "1")
    #expect(try runningIn(directory).isEmpty)
    await server.stop()
  }

  @Test func `tests share one server`() async throws {
    let first = try await SharedServer.get()
    let second = try await SharedServer.get()
    #expect(first === second)
    #expect(try await ask(first, "select 1") == "1")
  }
}

/// Processes that work inside a directory.
private func runningIn(_ directory: String) throws -> [pid_t] {
  try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter {
    ((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd")) ?? "").hasPrefix(directory)
  }
}

/// Processes of a program that have a text among their arguments.
private func processes(naming text: String, program: String) throws -> [pid_t] {
  try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter {
    guard let line = try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8) else { return false }
    return line.hasPrefix(program + "\0") && line.contains(text)
  }
}

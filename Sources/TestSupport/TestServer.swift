public import PrivateServer
import Synchronization

/// Runs a test against a PostgreSQL server of its own, which is gone afterwards.
///
/// - Parameters:
///   - version: the wanted major version, nil for whichever is newest here.
///   - settings: added to the server's command line.
public func withServer<T>(
  version: Int? = nil, settings: [String: String] = [:], binaryDirectory: String? = nil,
  _ body: (PrivateServer) async throws -> T
) async throws -> T {
  let server = try await PrivateServer.start(
    .init(version: version, binaryDirectory: binaryDirectory, settings: settings))
  do {
    let result = try await body(server)
    await server.stop()
    return result
  } catch {
    await server.stop()
    throw error
  }
}

/// One server for all tests of a process that do not mind company: make a database with a name of your own in it.
public enum SharedServer {
  private static let task = Mutex<Task<PrivateServer, any Error>?>(nil)

  /// The server, started by whoever asks first; it ends with the process.
  public static func get() async throws -> PrivateServer {
    let task = Self.task.withLock { current in
      if let current { return current }
      let started = Task { try await PrivateServer.start() }
      current = started
      return started
    }
    return try await task.value
  }
}

import PostgresClient
import PrivateServer
import TestSupport

/// Connections to the server that all tests of this process share.
struct ScratchServer {
  func options(database: String = "postgres") async throws -> ConnectionOptions {
    let server = try await SharedServer.get()
    return ConnectionOptions(host: server.socketDirectory, user: "postgres", database: database)
  }

  func connect(session: SessionSettings? = nil, answerTimeout: Duration? = nil, keepsStatements: Bool = false)
    async throws -> PostgresConnection
  {
    var options = try await options()
    options.keepsStatements = keepsStatements
    options.answerTimeout = answerTimeout
    return try await PostgresConnection.connect(options, session: session)
  }
}

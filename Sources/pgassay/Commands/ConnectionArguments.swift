import ArgumentParser
import PostgresClient

/// Which server: a connection string, psql's options, or the environment.
struct ConnectionArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A connection URI, a keyword string or a database name.",
      discussion: "What it leaves out comes from the options below, the PG* variables and libpq's files.",
      valueName: "connection"))
  var connection: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Host, or directory of the Unix socket.", valueName: "host"))
  var host: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Port.", valueName: "port"))
  var port: String?

  @Option(name: [.customShort("U"), .customLong("user")], help: ArgumentHelp("Role.", valueName: "role"))
  var user: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Database.", valueName: "database"))
  var dbname: String?

  var options: ConnectionOptions {
    // A plain name, as psql takes it, is no connection string.
    ConnectionOptions(connectionString: connection, host: host, port: port, user: user, database: dbname)
  }
}

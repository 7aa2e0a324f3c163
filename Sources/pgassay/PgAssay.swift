import ArgumentParser

/// The command: a table of contents of its subcommands.
@main
struct PgAssay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pgassay",
    abstract: "What to change in a PostgreSQL server's queries and indexes, and what it will bring, with proof.",
    version: "0.1.0",
    subcommands: [
      IngestCommand.self,
      Top.self,
      Show.self,
      Advise.self,
      ReportCommand.self,
      Capture.self,
      Explain.self,
      TwinCommand.self,
      HistoryCommand.self,
      Doctor.self,
    ]
  )

  static func main() async { await CommandRunner.main(PgAssay.self) }
}

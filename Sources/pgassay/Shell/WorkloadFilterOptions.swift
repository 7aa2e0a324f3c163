import ArgumentParser
import History

/// Which part of the workload a command is about.
struct WorkloadFilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only this database.", valueName: "name"))
  private var database: String?

  @Option(help: ArgumentHelp("Only this role.", valueName: "name"))
  private var user: String?

  @Option(help: ArgumentHelp("Only this application_name (logs only).", valueName: "name"))
  private var application: String?

  @Option(help: ArgumentHelp("Only this sqlcommenter tag (logs only).", valueName: "key[=value]"))
  private var tag: String?

  @Option(help: ArgumentHelp("Only statements that name this table.", valueName: "table"))
  private var table: String?

  @Option(help: ArgumentHelp("Only statements whose text contains this, in any case.", valueName: "text"))
  private var text: String?

  var filter: WorkloadFilter {
    WorkloadFilter(database: database, user: user, application: application, tag: tag, table: table, text: text)
  }
}

import ArgumentParser

/// `pgassay twin`: production's planner on this machine.
struct TwinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin",
    abstract:
      "Ask production's planner on this machine: plans before and after a change, without production or its data.",
    discussion: """
      A planner twin is a private PostgreSQL server with a captured database's schema, planner statistics and sizes, and \
      none of its rows: it plans as production does. It listens on no network, runs without root's rights and is removed \
      when its command ends, however it ends.
      """,
    subcommands: [TwinPlan.self, TwinStart.self, TwinList.self, TwinStop.self])
}

import ArgumentParser

/// Benchmarks of the planner twin against a server that really has the data: `Benchmarks/index-size` and
/// `Benchmarks/fidelity` run it.
@main struct TwinBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin-bench",
    abstract: "Compare the planner twin, and HypoPG, with indexes that are really built.",
    subcommands: [IndexSizes.self, Fidelity.self])
}

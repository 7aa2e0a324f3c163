import ArgumentParser
import Foundation
import PrivateServer

/// `pgassay twin stop`: options, and one call.
struct TwinStop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop the twins that 'pgassay twin start' keeps.",
    discussion: """
      Examples:
        pgassay twin stop
      """)

  func run() async throws {
    let kept = try PrivateServer.running().filter { $0.label == TwinStart.label }
    for server in kept { kill(server.owner, SIGTERM) }
    let directories = Set(kept.map(\.directory))
    for _ in 0..<1_000 {
      let left = try PrivateServer.running().filter { directories.contains($0.directory) }
      if left.isEmpty { break }
      try await Task.sleep(nanoseconds: 20_000_000)
    }
    Output.standard.line(
      kept.isEmpty ? "no twin is running" : "stopped \(kept.count) \(kept.count == 1 ? "twin" : "twins")")
  }
}

import ArgumentParser
import Foundation
import Model
import PrivateServer

/// `pgassay twin stop`: options, and one call.
struct TwinStop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop a twin that 'pgassay twin start' keeps.",
    discussion: """
      A twin is named as 'twin start' and 'twin list' print it; the first letters are enough. Without a name the only \
      one is stopped; where there are several nothing is, and they are listed. Returns when server and files are gone.

      Examples:
        pgassay twin stop
        pgassay twin stop 3f2a91c0
        pgassay twin stop --all
      """)

  @Argument(help: ArgumentHelp("Names of twins.", valueName: "name"))
  var names: [String] = []

  @Flag(help: "Stop all twins of this user.")
  var all = false

  @Option(help: ArgumentHelp("Give up after this time. Default: 20 s.", valueName: "time"))
  var wait: Interval?

  func validate() throws {
    guard names.isEmpty || !all else { throw ValidationError("give names or --all, not both") }
  }

  func run() async throws {
    let kept = try KeptTwin.running()
    if kept.isEmpty, names.isEmpty {
      Output.standard.line("no twin is running")
      return
    }
    let wanted = try chosen(of: kept)
    for twin in wanted where kill(twin.owner, SIGTERM) != 0 && errno != ESRCH {
      throw TwinStopError.cannotStop(twin.name, process: twin.owner, reason: String(cString: strerror(errno)))
    }
    let end = ContinuousClock.now + (wait?.duration ?? .seconds(20))
    // Whoever keeps a twin removes its directory first and its lock last.
    func left() throws -> [KeptTwin] {
      let running = Set(try KeptTwin.running().map(\.directory))
      return wanted.filter { access($0.directory, F_OK) == 0 || running.contains($0.directory) }
    }
    while try !left().isEmpty, ContinuousClock.now < end { try await Task.sleep(nanoseconds: 20_000_000) }
    if let first = try left().first {
      throw TwinStopError.stays(first.name, process: first.owner, directory: first.directory)
    }
    let list = wanted.map(\.name).joined(separator: ", ")
    Output.standard.line("stopped \(wanted.count == 1 ? "the twin" : "\(wanted.count) twins:") \(list)")
  }

  private func chosen(of kept: [KeptTwin]) throws -> [KeptTwin] {
    if all || (names.isEmpty && kept.count == 1) { return kept }
    guard !names.isEmpty else { throw TwinStopError.several(kept.map(\.line)) }
    var chosen: [KeptTwin] = []
    for name in names {
      let found = kept.filter { !name.isEmpty && $0.fullName.hasPrefix(name) }
      guard let twin = found.first else { throw TwinStopError.unknown(name, running: kept.map(\.line)) }
      guard found.count == 1 else { throw TwinStopError.ambiguous(name, running: found.map(\.line)) }
      if !chosen.contains(twin) { chosen.append(twin) }
    }
    return chosen
  }
}

/// Why a twin was not stopped.
enum TwinStopError: UserError, Equatable {
  case several([String])
  case unknown(String, running: [String])
  case ambiguous(String, running: [String])
  case cannotStop(String, process: Int32, reason: String)
  case stays(String, process: Int32, directory: String)

  var sentence: String {
    func list(_ lines: [String]) -> String { lines.map { "\n  " + $0 }.joined() }
    return switch self {
    case .several(let lines): "\(lines.count) twins are running: name one, or give --all" + list(lines)
    case .unknown(let name, let lines):
      "no twin \(name) is running" + (lines.isEmpty ? "" : "; there is" + list(lines))
    case .ambiguous(let name, let lines): "\(name) is the beginning of several names: give more of it" + list(lines)
    case .cannotStop(let name, let process, let reason):
      "the twin \(name) cannot be told to stop (process \(process)): \(reason)"
    case .stays(let name, let process, let directory):
      "the twin \(name) has not stopped (process \(process)): its files are still in \(directory); end that process, and "
        + "the next twin that is started removes them"
    }
  }
}

import Foundation
import History
import Model
import Synchronization
import Testing

@testable import Ingest

/// Two processes that take siblings of one server's log into one history at the same time.
struct ConcurrentIngestTests {
  private let folder = Folder()
  private var history: String { folder.path + "/h.history" }

  private func run(_ path: String, _ options: IngestRun.Options = IngestRun.Options()) throws -> IngestReport {
    let store = try HistoryStore(path: history, mode: .write)
    let report = try IngestRun(options).run(IngestRun(options).plan([path]), into: store)
    try store.close()
    return report
  }

  /// The second run begins and ends between the moment at which the first one looked for siblings and its commit.
  @Test(arguments: [["a.log", "a.csv"], ["a.csv", "a.log"]])
  func siblingThatCameInMeanwhileIsSeenWhenABatchIsCommitted(_ names: [String]) throws {
    let count = 6_000
    _ = folder.write("a.log", Lines.stderr(0..<count))
    _ = folder.write("a.csv", Lines.csv(0..<count))
    let other = folder.path + "/" + names[1]
    let isFirst = Atomic(true)
    var options = IngestRun.Options()
    let history = history
    options.progress = { _ in
      guard isFirst.exchange(false, ordering: .relaxed) else { return }
      guard let store = try? HistoryStore(path: history, mode: .write) else { return }
      let inner = IngestRun(IngestRun.Options())
      _ = try? inner.run(inner.plan([other]), into: store)
      try? store.close()
    }
    let report = try run(folder.path + "/" + names[0], options)
    #expect(report.failures.isEmpty)
    #expect(report.sources.first?.outcome == .sameAs(path: other))
    let store = try HistoryStore(path: history, mode: .read)
    #expect(try store.workload().statements.compactMap(\.log?.calls).reduce(0, +) == Int64(count))
    #expect(try store.sources().map(\.entries).reduce(0, +) == Int64(count))
  }

  /// Whichever of the two is ahead at any moment; batches end as often as they can.
  @Test(arguments: 0..<4)
  func twoRunsAtOnceCountEveryEntryOnce(_ round: Int) throws {
    let count = 30_000 + round
    let paths = [folder.write("a.log", Lines.stderr(0..<count)), folder.write("a.csv", Lines.csv(0..<count))]
    try HistoryStore(path: history, mode: .write).close()
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 2) { i in
      do {
        let report = try run(paths[i])
        failures.withLock { $0 += report.failures }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let store = try HistoryStore(path: history, mode: .read)
    #expect(try store.workload().statements.compactMap(\.log?.calls).reduce(0, +) == Int64(count))
  }
}

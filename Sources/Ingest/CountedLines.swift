import History
import Model
import Synchronization

/// What a history knows of counted lines, for one reading: asked once for all sessions that began at about the same time.
final class CountedLines: Sendable {
  private struct State {
    /// The blocks that the history holds anything of; nil before it was asked.
    var held: Set<Int64>?
    var blocks: [Int64: [UInt64: [LineRange]]] = [:]
    var sessions = 0
    var failure: HistoryError?
  }

  private let history: HistoryStore
  private let state = Mutex(State())
  /// Sessions remembered at most.
  private static let limit = 50_000

  init(_ history: HistoryStore) { self.history = history }

  /// The lines of a session that were counted; none where the history cannot be read: `check` says so then.
  func lines(_ format: String, _ session: UInt64) -> [LineRange] {
    let block = HistoryStore.lineBlock(of: session)
    return state.withLock { state in
      do throws(HistoryError) {
        if state.held == nil { state.held = try history.lineBlocks(format: format) }
        guard state.held?.contains(block) == true else { return [] }
        if let known = state.blocks[block] { return known[session] ?? [] }
        let sessions = try history.countedLines(near: session, format: format)
        if state.sessions + sessions.count > CountedLines.limit {
          state.blocks = [:]
          state.sessions = 0
        }
        state.blocks[block] = sessions
        state.sessions += sessions.count
        return sessions[session] ?? []
      } catch {
        state.failure = error
        return []
      }
    }
  }

  /// - Throws: what made an answer incomplete. Nothing may be counted by it.
  func check() throws(HistoryError) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  /// After lines were committed.
  func forget(_ lines: [SessionLines]) {
    state.withLock { state in
      for item in lines {
        let block = HistoryStore.lineBlock(of: item.session)
        state.held?.insert(block)
        if let sessions = state.blocks.removeValue(forKey: block) { state.sessions -= sessions.count }
      }
    }
  }
}

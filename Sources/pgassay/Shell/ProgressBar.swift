import Foundation
import Report
import Synchronization

/// How far a long run is, on one line of standard error: only where that is a terminal, and only after two seconds.
final class ProgressBar: Sendable {
  private struct State {
    var done: Double = 0
    var shownAt: ContinuousClock.Instant?
    var isShown = false
    var isFinished = false
  }

  private let title: String
  private let total: Double?
  private let unit: Quantity.Unit
  private let style: TerminalStyle
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// `total` in `unit`; nil where it is not known (standard input).
  init(_ title: String, total: Double?, unit: Quantity.Unit = .count) {
    self.title = title
    self.total = total
    self.unit = unit
    self.style = TerminalStyle(descriptor: STDERR_FILENO)
  }

  /// Says that `amount` more is done. May be called from any thread, and often.
  func advance(by amount: Double) {
    guard style.isTerminal else { return }
    state.withLock { state in
      state.done += amount
      let now = ContinuousClock.now
      guard !state.isFinished, now - start >= .seconds(2) else { return }
      if let shownAt = state.shownAt, now - shownAt < .milliseconds(200) { return }
      state.shownAt = now
      state.isShown = true
      let seconds = (now - start) / .seconds(1)
      Diagnostics.write("\r\u{1B}[K" + TextWrap.cut(text(done: state.done, seconds: seconds), width: style.width - 1))
    }
  }

  /// Takes the line away.
  func finish() {
    state.withLock { state in
      state.isFinished = true
      if state.isShown { Diagnostics.write("\r\u{1B}[K") }
    }
  }

  /// `reading postgresql.log  42.0 %  126 MB of 300 MB  63.0 MB/s  3 s left`
  func text(done: Double, seconds: Double) -> String {
    let amount = Quantity(done, unit).description
    let rate = seconds > 0 ? done / seconds : 0
    let rateText = Quantity(rate, unit == .bytes ? .bytesPerSecond : .perSecond).description
    guard let total, total > 0 else { return "\(title)  \(amount)  \(rateText)" }
    let share = Quantity.fraction(min(1, done / total))
    let left = rate > 0 ? "  \(Quantity.milliseconds(max(0, total - done) / rate * 1_000)) left" : ""
    return "\(title)  \(share)  \(amount) of \(Quantity(total, unit))  \(rateText)\(left)"
  }
}

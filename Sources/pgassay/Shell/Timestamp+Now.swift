import Foundation
import Model

extension Timestamp {
  /// The machine's clock: what only commands may read.
  static var now: Timestamp { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }
}

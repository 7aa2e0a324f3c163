/// What keeping an index up costs: an estimate from measured unit costs and the table's write counters.
///
/// Unit costs, measured on PostgreSQL 15 on a 2-core virtual machine, warm: an insert into a B-tree of a duplicate-heavy
/// or ascending integer takes 3.1 µs and 59 bytes of WAL, of a random integer 9.6 µs and 70 bytes, of three columns
/// 9.1 µs and 88 bytes; an update that is heap-only no longer, because an indexed column changed, 18 µs and 147 bytes
/// more, 26 µs where the column stands in INCLUDE.
public struct WriteBill: Hashable, Sendable {
  /// Estimated milliseconds of database time a day.
  public var millisecondsPerDay: Double
  /// Estimated bytes of write-ahead log a day.
  public var walBytesPerDay: Double
  /// Index entries written a day.
  public var entriesPerDay: Double
  /// Updates a day that would be heap-only without the index and are not with it.
  public var lostHotUpdatesPerDay: Double

  public static let none = WriteBill(
    millisecondsPerDay: 0, walBytesPerDay: 0, entriesPerDay: 0, lostHotUpdatesPerDay: 0)

  public init(
    millisecondsPerDay: Double, walBytesPerDay: Double, entriesPerDay: Double, lostHotUpdatesPerDay: Double
  ) {
    self.millisecondsPerDay = millisecondsPerDay
    self.walBytesPerDay = walBytesPerDay
    self.entriesPerDay = entriesPerDay
    self.lostHotUpdatesPerDay = lostHotUpdatesPerDay
  }
}

extension Snapshot {
  /// Reads a snapshot that is in memory as a whole.
  ///
  /// - Parameter needsEnd: false for lines of which some were taken out, so that their end marker no longer counts them.
  public init(lines: [UInt8], needsEnd: Bool = true) throws(SnapshotError) {
    var reader = SnapshotReader(needsEnd: needsEnd)
    try reader.add(lines)
    self = try reader.finish()
  }
}

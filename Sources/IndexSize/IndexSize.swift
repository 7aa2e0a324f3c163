/// The size of an index by the rules of its kind.
public enum IndexSize {
  /// - Parameter method: `pg_am.amname`.
  public static func estimate(method: String, _ shape: IndexShape) -> IndexSizeEstimate {
    switch method {
    case "btree": BTreeSize.estimate(shape)
    case "hash": HashSize.estimate(shape)
    case "brin": BRINSize.estimate(shape)
    default: GenericSize.estimate(shape)
    }
  }
}

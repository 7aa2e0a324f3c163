/// The size of an index by the rules of its kind.
public enum IndexSize {
  /// - Parameter method: `pg_am.amname`.
  public static func estimate(method: String, _ shape: IndexShape) -> IndexSizeEstimate {
    guard method == "btree" || shape.rows >= 0.5 else {
      return IndexSizeEstimate(pages: method == "hash" ? 6 : 2, height: 0, entries: 0, isRough: false)
    }
    return switch method {
    case "btree": BTreeSize.estimate(shape)
    case "hash": HashSize.estimate(shape)
    case "brin": BRINSize.estimate(shape)
    case "gin": GINSize.estimate(shape)
    case "gist": GiSTSize.estimate(shape)
    case "spgist": SPGiSTSize.estimate(shape)
    case "bloom": BloomSize.estimate(shape)
    case "hnsw": VectorSize.hnsw(shape, connections: shape.options["m"].flatMap { Int($0) } ?? 16)
    case "ivfflat": VectorSize.ivfflat(shape, lists: shape.options["lists"].flatMap { Int($0) } ?? 100)
    default: GenericSize.estimate(shape)
    }
  }
}

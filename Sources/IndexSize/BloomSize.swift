/// Size of an index of the `bloom` module: one signature for each row, pages filled to the end.
///
/// Source: contrib/bloom `bloom.h` (`BLOOMTUPLEHDRSZ` of 6 bytes, signature in words of 16 bits, default 80 bits;
/// `BloomPageOpaqueData` of 8 bytes).
public enum BloomSize {
  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    let words = (max(1, min(4_096, shape.signatureBits)) + 15) / 16
    let perPage = ((8192 - 24 - 8) / (6 + 2 * words))
    let pages = 1 + (shape.rows / Double(max(1, perPage))).rounded(.up)
    return IndexSizeEstimate(pages: Int64(pages), height: 0, entries: shape.rows, isRough: false)
  }
}

/// The few pages that make the planner see a B-tree of a given height: the metapage's root and level, and below the
/// root one page for each level, of which the last is an empty leaf.
///
/// The planner reads the level from the metapage (`_bt_getrootheight`), and `get_actual_variable_range` descends from
/// the root to the first and last leaf, which must therefore exist and be well formed; `IndexEnds` fills it.
/// Sources: PostgreSQL `nbtree.h` (`BTMetaPageData`, `BTPageOpaqueData`, pivot tuples), `bufpage.h`, `itemid.h`,
/// `itup.h`; the layout is the same from 13 to 18. Bytes in the machine's own order, which is the server's.
enum BTreePages {
  static let pageBytes = 8192

  private static let headerBytes = 24
  private static let specialBytes = 16
  /// `BTREE_MAGIC`.
  private static let magic: UInt32 = 0x05_3162

  struct Malformed: Error {}

  /// Whether equal keys are bitwise equal, so that they may share a tuple: `btm_allequalimage`.
  static func isAllEqualImage(metapage: [UInt8]) -> Bool { metapage[headerBytes + 40] != 0 }

  /// The metapage with its root at block 1 on the given level.
  static func metapage(_ original: [UInt8], height: Int) throws(Malformed) -> [UInt8] {
    guard original.count == pageBytes, original.readUInt32(at: headerBytes) == magic else { throw Malformed() }
    var page = original
    for (offset, value) in [(8, 1), (12, height), (16, 1), (20, height)] {
      page.write(UInt32(value), at: headerBytes + offset)
    }
    return page
  }

  /// Blocks 1 to `height` + 1: the root, the pages below it, and the leaf, which holds the given tuples.
  static func path(height: Int, leaf: [[UInt8]] = []) -> [[UInt8]] {
    (0...height).map { depth in
      let level = height - depth
      var page = [UInt8](repeating: 0, count: pageBytes)
      let special = pageBytes - specialBytes
      var lower = headerBytes
      var upper = special
      if level > 0 {
        // A pivot tuple without key columns stands for minus infinity and points to the child.
        upper -= 8
        let child = UInt32(depth + 2)
        page.write(UInt16(truncatingIfNeeded: child >> 16), at: upper)
        page.write(UInt16(truncatingIfNeeded: child), at: upper + 2)
        page.write(UInt16(0), at: upper + 4)
        page.write(UInt16(8 | 0x2000), at: upper + 6)
        // Line pointer: offset, LP_NORMAL, length.
        page.write(UInt32(upper) | 1 << 15 | 8 << 17, at: lower)
        lower += 4
      } else {
        for tuple in leaf {
          upper -= tuple.count
          page.replaceSubrange(upper..<upper + tuple.count, with: tuple)
          page.write(UInt32(upper) | 1 << 15 | UInt32(tuple.count) << 17, at: lower)
          lower += 4
        }
      }
      page.write(UInt16(lower), at: 12)
      page.write(UInt16(upper), at: 14)
      page.write(UInt16(special), at: 16)
      // Page size and layout version 4.
      page.write(UInt16(pageBytes | 4), at: 18)
      page.write(UInt32(level), at: special + 8)
      page.write(UInt16((level == 0 ? 1 : 0) | (depth == 0 ? 2 : 0)), at: special + 12)
      return page
    }
  }
}

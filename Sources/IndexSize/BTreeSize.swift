/// Size and height of a B-tree as CREATE INDEX builds it: its leaf pages are filled, tuple by tuple, as `nbtsort.c` fills
/// them, for a sample of pages, and scaled to the index's rows.
///
/// Sources: PostgreSQL `nbtsort.c` (`_bt_buildadd`, `_bt_load`), `nbtdedup.c` (`_bt_dedup_save_htid`), `nbtutils.c`
/// (`_bt_truncate`), `nbtree.h`, `itup.h`. Unchanged in what matters here from 13 to 18.
public enum BTreeSize {
  // Page header 24 bytes, special space 16, the high key's line pointer 4; a tuple needs its own line pointer of 4.
  private static let spaceOfEmptyPage = 8192 - 24 - 16 - 4 - 4
  private static let linePointer = 4
  private static let tupleHeader = 8
  /// Header and null bitmap, aligned (`IndexInfoFindDataOffset`).
  private static let tupleHeaderWithNulls = 16
  private static let itemPointer = 6
  /// `maxpostingsize` while building: a tenth of a page less a line pointer.
  private static let longestPosting = (8192 * 10 / 100) / 8 * 8 - 4
  private static let defaultFillFactor = 90
  private static let internalFillFactor = 70
  /// A size that could be smaller than this share of itself is uncertain.
  private static let largestCertainShare = 0.92
  /// Leaf pages that are filled at most before their average is taken.
  private static let sampledPages = 300
  /// Leaf pages that are filled at least, and the standard error of the rows on one, as a share of their mean, at which
  /// no more are needed. A page of uniform keys is like the next, and a few tell what hundreds do.
  private static let leastSampledPages = 20
  private static let sufficientError = 0.0025
  /// Rows of one value above which it is counted as if it filled pages of its own instead of played through, where
  /// chance would decide how often it comes.
  private static func manyRows(of rows: Double) -> Double { min(10_000, max(300, rows / 200)) }

  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate { estimate(shape, sampledPages: sampledPages) }

  private static func estimate(_ shape: IndexShape, sampledPages: Int) -> IndexSizeEstimate {
    guard shape.rows >= 0.5 else { return IndexSizeEstimate(pages: 1, height: 0, entries: 0, isRough: false) }
    let leaves = leafPages(shape, sampledPages: sampledPages)
    let upper = upperLevels(leaves: leaves.pages, pivotBytes: leaves.pivotBytes)
    // The metapage comes first.
    var estimate = IndexSizeEstimate(
      pages: 1 + leaves.pages + upper.pages, height: upper.height, entries: shape.rows, isRough: false)
    if let least = shape.leastGroups, shape.deduplicates, !shape.isUnique, shape.included.isEmpty {
      var dependent = shape
      (dependent.groups, dependent.leastGroups) = (least, nil)
      // A bound need not be exact.
      let pages = Self.estimate(dependent, sampledPages: Self.sampledPages / 5).pages
      if Double(pages) < largestCertainShare * Double(estimate.pages) {
        estimate.leastPages = pages
        estimate.isRough = true
      }
    }
    return estimate
  }

  /// The likely height of a B-tree of which the number of pages is known.
  public static func height(pages: Int64, of shape: IndexShape) -> Int {
    guard pages > 2 else { return 0 }
    let pivotBytes = leafPages(shape).pivotBytes
    // Nearly all pages are leaves.
    let leaves = Double(pages - 1) / (1 + 1 / downlinksPerPage(pivotBytes: pivotBytes))
    return upperLevels(leaves: Int64(leaves.rounded()), pivotBytes: pivotBytes).height
  }

  private static func upperLevels(leaves: Int64, pivotBytes: Double) -> (pages: Int64, height: Int) {
    var level = leaves
    var pages: Int64 = 0
    var height = 0
    while level > 1 {
      level = max(1, Int64((Double(level) / downlinksPerPage(pivotBytes: pivotBytes)).rounded(.up)))
      pages += level
      height += 1
    }
    return (pages, height)
  }

  /// Rounds up to the machine's alignment, 8 on every 64-bit server.
  static func aligned(_ bytes: Int) -> Int { (bytes + 7) & ~7 }

  /// Tuples of an internal page: the first one, which stands for minus infinity, has no key.
  private static func downlinksPerPage(pivotBytes: Double) -> Double {
    let free = Double(8192 * (100 - internalFillFactor) / 100)
    let first = Double(tupleHeader + linePointer)
    let keyed = ((Double(spaceOfEmptyPage) - first - free) / (pivotBytes + Double(linePointer))).rounded(.down)
    return max(2, keyed + 1)
  }

  // MARK: Leaf pages

  private struct Leaves {
    var pages: Int64
    /// Average size of the pivot tuples that lead to the leaves, in bytes.
    var pivotBytes: Double
  }

  private static func leafPages(_ shape: IndexShape, sampledPages: Int = Self.sampledPages) -> Leaves {
    var generator = SeededGenerator(seed: 0x7067_6173_7361_7921)
    let columns = shape.keys + shape.included
    var groups = Groups(shape, threshold: manyRows(of: shape.rows))
    var tuple = TupleDraw(
      columns.enumerated().map { place, column in
        WidthPicker(column, ofOthers: place == 0 && shape.keys.count == 1 && !column.otherWidths.isEmpty)
      }, keys: shape.keys.count)
    var page = LeafPage(fillFactor: shape.fillFactor ?? defaultFillFactor)
    let deduplicates = shape.deduplicates && !shape.isUnique && shape.included.isEmpty

    // Values so common that each fills many pages alone: every page is like every other.
    var pages = 0.0
    for group in groups.large {
      tuple.draw(knownWidth: group.width, isNull: group.isNull, &generator)
      let size = tuple.whole
      var alone = LeafPage(fillFactor: shape.fillFactor ?? defaultFillFactor)
      let perPage = rowsPerPage(of: size, deduplicates: deduplicates, page: &alone)
      pages += group.rows * group.values / perPage
    }
    guard groups.smallRows > 0.5 else {
      tuple.draw(&generator)
      let pivot = Double(aligned(tuple.key) + 8)
      return Leaves(pages: max(1, Int64(pages.rounded(.up))), pivotBytes: pivot)
    }

    var pivots = (bytes: 0.0, count: 0.0)
    var rows = 0.0
    var rowsAtPageEnd = 0.0
    var sample = PageSample()
    var isSampled = false
    play: while rows < groups.smallRows {
      let next = groups.next(&generator)
      tuple.draw(knownWidth: next.width, isNull: next.isNull, &generator)
      var left = min(next.rows, max(1, Int((groups.smallRows - rows).rounded(.up))))
      var isFirst = true
      while left > 0 {
        let taken = deduplicates ? min(left, tidsPerPosting(base: tuple.whole)) : 1
        let bytes = taken == 1 ? tuple.whole : aligned(tuple.whole + taken * itemPointer)
        if page.add(bytes, truncatable: taken == 1 ? 0 : bytes - tuple.whole) {
          // The tuple before this one opened the new page: the page that ended holds the rows up to it.
          sample.add(rows - Double(page.rowsOfMoved) - rowsAtPageEnd)
          rowsAtPageEnd = rows - Double(page.rowsOfMoved)
          pivots.count += 1
          // Inside a run of equal keys the pivot needs a heap pointer to tell left from right.
          pivots.bytes += isFirst ? tuple.pivot(shape.prefixDistinct, generator.unit()) : Double(tuple.key + 8)
          isSampled =
            sample.count >= sampledPages
            || sample.count >= leastSampledPages && groups.hasDrawnAllKinds && sample.relativeError <= sufficientError
          if isSampled { break play }
        }
        page.rowsOfMoved = taken
        rows += Double(taken)
        left -= taken
        isFirst = false
      }
    }
    let small: Double
    if isSampled {
      small = groups.smallRows / (rowsAtPageEnd / Double(sample.count))
    } else {
      small = Double(sample.count + 1)
    }
    if pivots.count == 0 { tuple.draw(&generator) }
    return Leaves(
      pages: max(1, Int64((pages + small).rounded(.up))),
      pivotBytes: pivots.count > 0 ? pivots.bytes / pivots.count : Double(tuple.key))
  }

  /// Rows on the pages that were filled so far.
  private struct PageSample {
    private(set) var count = 0
    private var mean = 0.0
    private var squares = 0.0

    /// Welford's recurrence ("Note on a method for calculating corrected sums of squares and products", 1962).
    mutating func add(_ rows: Double) {
      count += 1
      let difference = rows - mean
      mean += difference / Double(count)
      squares += difference * (rows - mean)
    }

    /// The standard error of the mean as a share of it.
    var relativeError: Double {
      guard count > 1, mean > 0 else { return .infinity }
      return (squares / Double(count - 1) / Double(count)).squareRoot() / mean
    }
  }

  /// Heap pointers that one posting list tuple takes (`_bt_dedup_save_htid`).
  private static func tidsPerPosting(base: Int) -> Int { max(1, (longestPosting / 8 * 8 - base) / itemPointer) }

  /// Rows of one value that a full page holds.
  private static func rowsPerPage(of base: Int, deduplicates: Bool, page: inout LeafPage) -> Double {
    let taken = deduplicates ? tidsPerPosting(base: base) : 1
    let bytes = taken == 1 ? base : aligned(base + taken * itemPointer)
    var count = 0
    while !page.add(bytes, truncatable: taken == 1 ? 0 : bytes - base) { count += 1 }
    return Double(max(1, (count - 1) * taken))
  }

  // MARK: Tuples

  /// Draws tuples of the index, one after the other; tells of the one drawn last. A size takes a hundred thousand of
  /// them, so that nothing is allocated for one.
  private struct TupleDraw {
    private let pickers: [WidthPicker]
    private let keys: Int
    /// No column is ever null or of another width.
    private let isConstant: Bool
    private var isDrawn = false
    /// Where each key column ends, and whether one so far is null.
    private var ends: [Int]
    private var hasNulls: [Bool]
    /// Bytes of the whole leaf tuple, aligned.
    private(set) var whole = 0

    init(_ pickers: [WidthPicker], keys: Int) {
      self.pickers = pickers
      self.keys = keys
      isConstant = pickers.allSatisfy { $0.nullFraction <= 0 && $0.constantBytes != nil }
      ends = Array(repeating: 0, count: keys)
      hasNulls = Array(repeating: false, count: keys)
    }

    mutating func draw(knownWidth: Int? = nil, isNull: Bool? = nil, _ generator: inout SeededGenerator) {
      let isOrdinary = isConstant && knownWidth == nil && isNull != true
      if isOrdinary, isDrawn { return }
      var end = 0
      var hasNull = false
      for position in pickers.indices {
        // Of a single column it is known which keys are null.
        let known = position == 0 && keys == 1 ? isNull : nil
        if known ?? (pickers[position].nullFraction > 0 && generator.unit() < pickers[position].nullFraction) {
          hasNull = true
        } else {
          let width = position == 0 ? knownWidth : nil
          end = pickers[position].end(after: end, bytes: width ?? pickers[position].pick(&generator))
        }
        if position < keys {
          ends[position] = end
          hasNulls[position] = hasNull
        }
      }
      whole = Self.size(end, hasNull)
      isDrawn = isOrdinary
    }

    private static func size(_ end: Int, _ hasNull: Bool) -> Int {
      aligned((hasNull ? tupleHeaderWithNulls : tupleHeader) + end)
    }

    /// Bytes of the tuple with its key columns only, aligned.
    var key: Int { keys > 0 ? Self.size(ends[keys - 1], hasNulls[keys - 1]) : tupleHeader }

    /// Bytes of the pivot between this key and a different one: only the columns needed to tell them apart stay. Two
    /// neighbours differ within the first n columns as often as there are combinations of these among all.
    func pivot(_ distinct: [Double], _ chance: Double) -> Double {
      guard let all = distinct.last, all > 0 else { return Double(key) }
      for (place, number) in distinct.enumerated() where place < keys && chance < number / all {
        return Double(Self.size(ends[place], hasNulls[place]))
      }
      return Double(key)
    }
  }

  /// Draws stored widths by their shares.
  private struct WidthPicker {
    let nullFraction: Double
    /// Where it is always the same.
    let constantBytes: Int?
    private let alignment: Int
    private let hasShortForm: Bool
    private let widths: [Int]
    private let cumulative: [Double]

    /// - Parameter ofOthers: whether the keys with common values bring their own widths.
    init(_ column: IndexedColumn, ofOthers: Bool) {
      let list = ofOthers ? column.otherWidths : column.widths
      nullFraction = column.nullFraction
      alignment = column.alignment
      hasShortForm = column.typeLength == -1
      widths = list.map(\.bytes)
      var sum = 0.0
      cumulative = list.map {
        sum += $0.share
        return sum
      }
      constantBytes =
        column.isFixedLength ? column.typeLength : sum > 0 ? (list.count == 1 ? list[0].bytes : nil) : 32
    }

    /// `IndexedColumn.end(after:bytes:)`.
    func end(after offset: Int, bytes: Int) -> Int {
      if hasShortForm, bytes <= IndexedColumn.longestShort { return offset + bytes }
      return (offset + alignment - 1) & ~(alignment - 1) + bytes
    }

    func pick(_ generator: inout SeededGenerator) -> Int {
      if let constantBytes { return constantBytes }
      let wanted = generator.unit() * cumulative[cumulative.count - 1]
      var (low, high) = (0, cumulative.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if cumulative[middle] <= wanted { low = middle + 1 } else { high = middle }
      }
      return widths[low]
    }
  }

  // MARK: Values and their rows

  /// The index's rows by how many have the same key.
  private struct Groups {
    /// Keys that are so common that each fills pages alone.
    var large: [KeyGroup] = []
    private var small: [KeyGroup] = []
    private var occurrences: [Occurrences] = []
    /// Rows of all other keys.
    var smallRows = 0.0
    private var place = 0.5
    /// Running sum of the keys in `small`.
    private var cumulative: [Double] = []
    private var drawn = 0
    /// Keys to draw until each kind of keys that matters has come a few times.
    private var sufficientDraws = 0.0

    init(_ shape: IndexShape, threshold: Double) {
      var keys = 0.0
      for group in shape.groups where group.values > 0 {
        if group.rows > threshold {
          large.append(group)
        } else {
          small.append(group)
          occurrences.append(Occurrences(mean: group.rows))
          smallRows += group.rows * group.values
          keys += group.values
          cumulative.append(keys)
        }
      }
      sufficientDraws = Self.sufficientDraws(small, rows: smallRows, keys: keys)
    }

    /// Whether the keys drawn so far stand for all: rare keys with many rows are what a short sample lacks.
    var hasDrawnAllKinds: Bool { Double(drawn) >= sufficientDraws }

    /// Keys are of one kind where they have about as many rows, to a power of two. Kinds that hold less than a thousandth
    /// of the rows together are not waited for.
    private static func sufficientDraws(_ groups: [KeyGroup], rows: Double, keys: Double) -> Double {
      var kinds: [Int: (keys: Double, rows: Double)] = [:]
      for group in groups {
        let kind = max(1, group.rows).exponent
        kinds[Int(kind), default: (0, 0)].keys += group.values
        kinds[Int(kind), default: (0, 0)].rows += group.values * group.rows
      }
      var missed = 0.0
      for kind in kinds.values.sorted(by: { ($0.keys, $0.rows) < ($1.keys, $1.rows) }) {
        missed += kind.rows
        if missed > rows / 1_000 { return 4 * keys / kind.keys }
      }
      return 0
    }

    /// The next key, drawn from all that are not large, and how many rows have it.
    ///
    /// Drawn at even distances of the golden ratio, each class of keys comes as often as it should.
    mutating func next(_ generator: inout SeededGenerator) -> (rows: Int, width: Int?, isNull: Bool) {
      drawn += 1
      guard let total = cumulative.last else { return (1, nil, false) }
      if small.count == 1, small[0].rows <= 1.000_001 { return (1, small[0].width, small[0].isNull) }
      place += 0.618_033_988_749_894_9
      if place >= 1 { place -= 1 }
      let wanted = place * total
      // The first whose sum is above.
      var (low, high) = (0, small.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if cumulative[middle] > wanted { high = middle } else { low = middle + 1 }
      }
      return (occurrences[low].draw(&generator), small[low].width, small[low].isNull)
    }
  }

  /// One leaf page while it is filled (`_bt_buildadd`).
  private struct LeafPage {
    /// Rows of the tuple that was added last, which moves to the next page when this one ends.
    var rowsOfMoved = 0
    private let target: Int
    private var free = BTreeSize.spaceOfEmptyPage
    private var tuples = 0
    private var last = (bytes: 0, truncatable: 0)

    init(fillFactor: Int) { target = 8192 * (100 - fillFactor) / 100 }

    /// Adds a tuple; true when the page was full before, so that the tuple went to the next page, behind the last tuple
    /// of the full one, which moved there and left its key as high key.
    mutating func add(_ bytes: Int, truncatable: Int) -> Bool {
      let isFull = tuples > 1 && (free < bytes + 8 || free + last.truncatable < target)
      if isFull {
        free = BTreeSize.spaceOfEmptyPage - last.bytes - BTreeSize.linePointer
        tuples = 1
      }
      free -= bytes + BTreeSize.linePointer
      tuples += 1
      last = (bytes, truncatable)
      return isFull
    }
  }
}

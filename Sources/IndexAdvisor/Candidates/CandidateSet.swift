/// A set of candidate indexes by their numbers.
struct CandidateSet: Hashable, Sendable {
  private(set) var words: [UInt64] = []

  init() {}
  init(_ members: some Sequence<Int>) { for member in members { insert(member) } }

  mutating func insert(_ member: Int) {
    let word = member >> 6
    while words.count <= word { words.append(0) }
    words[word] |= 1 << UInt64(member & 63)
  }

  mutating func remove(_ member: Int) {
    let word = member >> 6
    guard word < words.count else { return }
    words[word] &= ~(1 << UInt64(member & 63))
    trim()
  }

  private mutating func trim() { while words.last == 0 { words.removeLast() } }

  func contains(_ member: Int) -> Bool {
    let word = member >> 6
    return word < words.count && words[word] & (1 << UInt64(member & 63)) != 0
  }

  func isSubset(of other: CandidateSet) -> Bool {
    guard words.count <= other.words.count else { return false }
    for i in words.indices where words[i] & ~other.words[i] != 0 { return false }
    return true
  }

  func intersection(_ other: CandidateSet) -> CandidateSet {
    var result = CandidateSet()
    result.words = zip(words, other.words).map { $0 & $1 }
    result.trim()
    return result
  }

  func union(_ other: CandidateSet) -> CandidateSet {
    var result = words.count >= other.words.count ? self : other
    let shorter = words.count >= other.words.count ? other : self
    for i in shorter.words.indices { result.words[i] |= shorter.words[i] }
    return result
  }

  func removing(_ member: Int) -> CandidateSet {
    var result = self
    result.remove(member)
    return result
  }

  func inserting(_ member: Int) -> CandidateSet {
    var result = self
    result.insert(member)
    return result
  }

  func subtracting(_ other: CandidateSet) -> CandidateSet { CandidateSet(members.filter { !other.contains($0) }) }

  /// The two halves of a set of several.
  var halves: [CandidateSet] {
    let members = members
    guard members.count > 1 else { return [] }
    return [CandidateSet(members[..<(members.count / 2)]), CandidateSet(members[(members.count / 2)...])]
  }

  var isEmpty: Bool { words.isEmpty }
  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Ascending.
  var members: [Int] {
    var result: [Int] = []
    for (i, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(i << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return result
  }
}

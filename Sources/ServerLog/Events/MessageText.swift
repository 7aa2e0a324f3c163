/// Searching in messages byte by byte: `String.contains` compares characters, at a hundredth of the pace.
extension String {
  /// Whether `phrase` stands in the text.
  func holds(_ phrase: StaticString) -> Bool { offset(behind: phrase) != nil }

  /// How many bytes stand before and in the first `phrase`, or nil.
  func offset(behind phrase: StaticString) -> Int? {
    var text = self
    return text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let length = phrase.utf8CodeUnitCount
      let first = Int32(phrase.utf8Start[0])
      var i = 0
      while i + length <= bytes.count {
        guard let found = memory(base + i, first, bytes.count - length - i + 1) else { return nil }
        i = found - UnsafeRawPointer(base)
        var matched = 1
        while matched < length, base[i + matched] == phrase.utf8Start[matched] { matched += 1 }
        if matched == length { return i + length }
        i += 1
      }
      return nil
    }
  }
}

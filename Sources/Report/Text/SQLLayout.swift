/// Breaking a one-line statement at its clauses, so that it can be read. Nothing but white space changes, and a text
/// that already has lines keeps them.
public enum SQLLayout {
  // Words that start a line at the outermost level; a join's own words stay together.
  private static let starters: Set<String> = [
    "from", "where", "group", "order", "having", "limit", "offset", "union", "except", "intersect", "returning",
    "values", "set", "on", "window", "for", "select",
  ]
  private static let joinWords: Set<String> = ["join", "left", "right", "full", "inner", "cross", "natural"]

  /// `sql` with a line break before each clause outside parentheses, strings and comments. O(length).
  public static func lines(_ sql: String) -> String {
    guard !sql.utf8.contains(0x0A), sql.utf8.count > 60 else { return sql }
    var result = ""
    var word = ""
    var depth = 0
    var previous = ""
    var scalars = Array(sql.unicodeScalars)[...]

    func finishWord() {
      guard !word.isEmpty else { return }
      let lower = word.lowercased()
      let continuesJoin = joinWords.contains(lower) && (joinWords.contains(previous) || previous == "outer")
      let startsLine =
        joinWords.contains(lower) ? !continuesJoin : starters.contains(lower) && !binds(lower, after: previous)
      if startsLine, depth == 0, !result.isEmpty, lower != "on" {
        while result.last == " " { result.removeLast() }
        result += "\n"
      }
      result += word
      previous = lower
      word = ""
    }

    while let scalar = scalars.first {
      if let end = quotedEnd(scalars) {
        finishWord()
        result.unicodeScalars.append(contentsOf: scalars[..<end])
        previous = ""
        scalars = scalars[end...]
        continue
      }
      scalars = scalars.dropFirst()
      if scalar.properties.isAlphabetic || scalar == "_" || (scalar.value >= 0x30 && scalar.value < 0x3A)
        || scalar == "$"
      {
        word.unicodeScalars.append(scalar)
        continue
      }
      finishWord()
      if scalar == "(" { depth += 1 }
      if scalar == ")" { depth -= 1 }
      if scalar != " " { previous = "" }
      result.unicodeScalars.append(scalar)
    }
    finishWord()
    return result
  }

  /// Whether `word` belongs to the word before it: `IS DISTINCT FROM`, `DELETE FROM`, `ON CONFLICT DO UPDATE SET`.
  private static func binds(_ word: String, after previous: String) -> Bool {
    switch word {
    case "from": previous == "delete" || previous == "distinct"
    case "select": previous == "all" || previous == ""
    case "set": previous == "update"
    case "group", "order": previous == "within"
    default: false
    }
  }

  /// Where a string, quoted name or comment that starts here ends; nil where none starts.
  private static func quotedEnd(_ text: ArraySlice<Unicode.Scalar>) -> Int? {
    guard let first = text.first else { return nil }
    let start = text.startIndex
    if first == "'" || first == "\"" {
      return text[(start + 1)...].firstIndex(of: first).map { $0 + 1 } ?? text.endIndex
    }
    let second = start + 1 < text.endIndex ? text[start + 1] : " "
    if first == "-", second == "-" { return text.endIndex }
    if first == "/", second == "*" {
      var index = start + 2
      while index + 1 < text.endIndex, !(text[index] == "*" && text[index + 1] == "/") { index += 1 }
      return min(index + 2, text.endIndex)
    }
    return nil
  }
}

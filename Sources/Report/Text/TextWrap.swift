/// Breaking a text into lines of a given width.
public enum TextWrap {
  /// `text` in lines of at most `width` columns, broken at blanks where there are any and inside a word where not,
  /// there behind a slash, dash, underscore, point or comma if one is near the end.
  /// More than `limit` lines are cut to that number, the last one ending in `…`. O(length).
  public static func lines(_ text: String, width: Int, limit: Int? = nil) -> [String] {
    let width = max(1, width)
    var lines: [String] = []
    var line = ""
    var used = 0
    /// Lines whose word goes on in the next one.
    var broken: Set<Int> = []
    func overLimit() -> Bool { limit.map { lines.count > $0 } ?? false }
    words: for word in text.split(separator: " ") {
      let length = DisplayWidth.of(word)
      if used > 0, used + 1 + length <= width {
        line += " " + word
        used += 1 + length
        continue
      }
      if used > 0 {
        lines.append(line)
        (line, used) = ("", 0)
        if overLimit() { break words }
      }
      if length <= width {
        line = String(word)
        used = length
        continue
      }
      for character in word {
        let columns = DisplayWidth.of(character)
        if used + columns > width, used > 0 {
          broken.insert(lines.count)
          // Names of files and tables are broken behind what parts them.
          if let last = line.lastIndex(where: { "/-_.,".contains($0) }), line[...last].count * 2 >= line.count {
            let rest = line[line.index(after: last)...]
            lines.append(String(line[...last]))
            line = String(rest)
            used = DisplayWidth.of(rest)
          } else {
            lines.append(line)
            (line, used) = ("", 0)
          }
          if overLimit() { break words }
        }
        line.append(character)
        used += columns
      }
    }
    if used > 0 { lines.append(line) }
    guard let limit, lines.count > limit else { return lines.isEmpty ? [""] : lines }
    var kept = Array(lines.prefix(max(1, limit)))
    // What is cut away began with a word that did not fit: the last line takes as much of it as there is room for.
    let rest = kept[kept.count - 1] + (broken.contains(kept.count - 1) ? "" : " ") + lines[kept.count]
    kept[kept.count - 1] = cut(rest, width: width, always: true)
    return kept
  }

  /// `text` in at most `width` columns, ending in `…` where something was cut, or always if asked for.
  public static func cut(_ text: String, width: Int, always: Bool = false) -> String {
    let total = DisplayWidth.of(text)
    if total <= width, !always { return text }
    if total < width { return text + "…" }
    var result = ""
    var used = 0
    for character in text {
      let columns = DisplayWidth.of(character)
      if used + columns > width - 1 { break }
      result.append(character)
      used += columns
    }
    while result.last == " " { result.removeLast() }
    return result + "…"
  }
}

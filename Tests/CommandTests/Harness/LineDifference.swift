/// What differs between two texts, for the person who reads a failed test.
enum LineDifference {
  /// Lines taken away begin with `-`, lines added with `+`; equal stretches are left out.
  static func between(expected: String, actual: String) -> String {
    let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let new = actual.split(separator: "\n", omittingEmptySubsequences: false)
    var marks: [(line: Int, text: String)] = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, let line, _): marks.append((offset, "-\(offset + 1): \(line)"))
      case .insert(let offset, let line, _): marks.append((offset, "+\(offset + 1): \(line)"))
      }
    }
    let shown = marks.sorted { ($0.line, $0.text) < ($1.line, $1.text) }.prefix(60).map(\.text)
    return shown.joined(separator: "\n") + (marks.count > 60 ? "\n… \(marks.count - 60) more" : "")
  }
}

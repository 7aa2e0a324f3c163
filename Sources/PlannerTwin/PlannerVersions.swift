/// What is new in the planners of major versions: said where a twin's version is not production's.
///
/// Source: the release notes, appendix E of the manual, "Optimizer", "Indexes" and "General Performance".
enum PlannerVersions {
  private static let news: [(major: Int, what: String)] = [
    (14, "results of inner scans kept (Memoize), foreign scans side by side, statistics on expressions"),
    (15, "parallel SELECT DISTINCT, window functions that end early, Memoize for more joins"),
    (16, "sorted input for DISTINCT and ordered aggregates, anti joins the other way round, parallel full joins"),
    (17, "IN lists in one descent of a B-tree, IS NOT NULL left out where it says nothing, CTEs with statistics"),
    (18, "skip scans of B-trees, OR turned into = ANY, joins of a table with itself left out"),
  ]

  /// A sentence for a twin of one version that stands for another; empty where no difference is known here.
  static func difference(production: Int, twin: Int) -> String {
    let (lower, upper) = (min(production, twin), max(production, twin))
    let between = news.filter { $0.major > lower && $0.major <= upper }
    guard !between.isEmpty else { return "" }
    let list = between.map { "\($0.major): \($0.what)" }.joined(separator: "; ")
    return
      (twin > production ? "the twin's planner can do what production's cannot" : "production's planner can do more")
      + " (\(list))"
  }
}

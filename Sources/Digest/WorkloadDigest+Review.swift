import Findings
public import IndexAdvisor
public import Report
import Review

extension WorkloadDigest {
  /// What the rules of the weekly review find, without values unless they were asked for.
  func reviewFindings(_ input: ReviewInput) -> [Finding] {
    ReviewRules.findings(in: input).map { options.showsValues ? $0 : $0.withoutValues() }
  }

  /// Adds the review of a captured database's indexes.
  public func addReview(of database: DatabaseFacts, named name: String, to report: inout WeeklyReport) {
    var input = review
    input.database = database
    input.databaseName = name
    let known = Set(report.reviewFindings.map(\.id))
    report.indexFindings += reviewFindings(input).filter { finding in
      switch finding.subject.kind {
      case .index: true
      case .table: finding.rule == "table.foreign-key-without-index" && !known.contains(finding.id)
      default: false
      }
    }
  }
}

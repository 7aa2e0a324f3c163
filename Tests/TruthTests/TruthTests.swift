import Findings
import Model
import Testing

@Suite struct TruthTests {
  @Test func show() async throws {
    let judgement = try await Shop.judgement.value
    let fingerprints = try Shop.fingerprints()
    for truth in try Shop.truths() {
      let ids = truth.shapes.compactMap { fingerprints[$0] }
      print("@@", truth.name, truth.kind)
      for id in ids {
        var seen: Set<String> = []
        for finding in judgement.plans[id] ?? [] where seen.insert(finding.rule.name + finding.title).inserted {
          print("   plan", finding.rule, finding.title, finding.remedy.sql.first ?? "")
        }
        for finding in judgement.review where finding.subject.description.contains(id.description) {
          print("   review", finding.rule, finding.title)
        }
      }
    }
    for finding in judgement.review { print("@R", finding.rule, finding.severity, finding.subject, finding.title) }
  }
}

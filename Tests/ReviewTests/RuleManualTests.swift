import Findings
import Foundation
import Plans
import Review
import Testing

@Suite struct RuleManualTests {
  /// `PGASSAY_RECORD_RULES=1 swift test --filter RuleManualTests` writes the page anew.
  @Test func theManualIsInStepWithTheRules() throws {
    let page = RuleManual.markdown(
      title: "Rules",
      [("Plans", PlanRules.descriptions), ("The weekly review", ReviewRules.descriptions)])
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Documentation/rules.md")
    if ProcessInfo.processInfo.environment["PGASSAY_RECORD_RULES"] != nil {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(page.utf8).write(to: file)
    }
    let written = try String(contentsOf: file, encoding: .utf8)
    #expect(written == page, "run the test with PGASSAY_RECORD_RULES=1 and commit Documentation/rules.md")
  }

  @Test func everyRuleIsDescribed() {
    for rule in PlanRules.descriptions + ReviewRules.descriptions {
      #expect(
        rule.id.name.contains(".") && !rule.title.isEmpty && rule.finds.hasSuffix(".")
          && rule.explanation.hasSuffix("."))
    }
  }
}

/// The manual of rules, made from their descriptions.
public enum RuleManual {
  /// Markdown: a heading for each section, a list of its rules, then each rule.
  public static func markdown(title: String, _ sections: [(title: String, rules: [RuleDescription])]) -> String {
    var text = "# \(title)\n\n"
    text += "This page is made from the rules' own descriptions; a test keeps it in step with them.\n"
    for section in sections {
      text += "\n## \(section.title)\n\n"
      for rule in section.rules { text += "- `\(rule.id)`: \(rule.title)\n" }
      for rule in section.rules { text += "\n" + markdown(rule) }
    }
    return text
  }

  private static func markdown(_ rule: RuleDescription) -> String {
    var text = "### `\(rule.id)`: \(rule.title)\n\n"
    text += rule.finds + "\n\n" + rule.explanation + "\n"
    if !rule.thresholds.isEmpty {
      text += "\n| threshold | value |\n| --- | ---: |\n"
      for threshold in rule.thresholds { text += "| \(threshold.name) | \(value(threshold)) |\n" }
    }
    if !rule.source.isEmpty { text += "\nSource: \(rule.source).\n" }
    return text
  }

  private static func value(_ threshold: RuleDescription.Threshold) -> String {
    let value = threshold.value
    let number = value == value.rounded() ? Figures.count(value) : Figures.decimals(value, value < 0.1 ? 3 : 2)
    return switch threshold.unit {
    case .milliseconds: Figures.milliseconds(value)
    case .bytes: Figures.bytes(value)
    case .fraction: Figures.share(value)
    case .ratio: number + "×"
    case .blocks: number + " blocks"
    case .rows: number + " rows"
    case .cost: "cost " + number
    case .perSecond: number + " per second"
    case .perDay: number + " per day"
    case .days: number + " days"
    case .count: number
    }
  }
}

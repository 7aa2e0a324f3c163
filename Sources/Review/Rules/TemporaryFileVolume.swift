public import Findings
import History
import Model

public enum TemporaryFileVolume: ReviewRule {
  static let bytes = 10_485_760.0

  public static let description = RuleDescription(
    "query.temporary-files", title: "Temporary files",
    finds: "A statement whose logged temporary files (log_temp_files) add up to at least the size below in the window.",
    explanation:
      "A sort, hash or other node did not fit into work_mem. The plan tells which, and how much it would need.",
    thresholds: [.init("written", bytes, .bytes)])

  public static func findings(in input: ReviewInput) -> [Finding] {
    // One statement can have several shapes of the entry.
    let groups = Dictionary(grouping: input.events([.temporaryFile])) { $0.totals.fingerprint }
    return groups.compactMap { fingerprint, events -> Finding? in
      let size = events.reduce(0) { $0 + $1.totals.amount }
      let count = events.reduce(0) { $0 + $1.totals.count }
      guard size >= bytes, let first = events.max(by: { $0.totals.amount < $1.totals.amount }) else { return nil }
      return Finding(
        rule: description.id, subject: input.subject(first), discriminator: fingerprint == nil ? "unknown" : "",
        title: "Writes \(Figures.bytes(size)) of temporary files, \(Figures.bytes(size / Double(max(1, count)))) each",
        severity: .notice,
        evidence: [
          .quantity("size", "Written in all", size, .bytes), .quantity("files", "Files", Double(count), .count),
        ] + (fingerprint.map { input.text($0) } ?? []),
        remedy: Remedy(
          "Give the statement, or its role, more work_mem, or sort and hash fewer rows; see its plans for the node."),
        confidence: .measured("logged by the server"))
    }.sorted()
  }
}

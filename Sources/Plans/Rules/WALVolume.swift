public import Findings

/// P26
public enum WALVolume: PlanRule {
  static let bytes = 16_777_216.0
  static let imageShare = 0.5

  public static let description = RuleDescription(
    "plan.wal-volume", title: "Write-ahead log full of page images",
    finds:
      "A statement that wrote at least the volume below, with full page images making up at least the share below, "
      + "taken as one block each.",
    explanation: "After each checkpoint the first change of a page writes the whole page. Checkpoints further apart "
      + "(max_wal_size, checkpoint_timeout) and wal_compression make that less.",
    thresholds: [.init("volume", bytes, .bytes), .init("share of page images", imageShare, .fraction)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    let root = plan.plan.root
    let wal = root.node.measures.wal
    let images = wal.fullPageImages * PlanContext.blockBytes
    guard wal.bytes >= bytes, images >= imageShare * wal.bytes else { return [] }
    return [
      plan.remark(
        Self.self, at: root, title: "\(Figures.bytes(wal.bytes)) of write-ahead log, most of it page images",
        severity: .notice,
        evidence: [
          .quantity("wal", "Write-ahead log", wal.bytes, .bytes),
          .quantity("records", "Records", wal.records, .count),
          .quantity("full_page_images", "Full page images", wal.fullPageImages, .count),
        ],
        remedy: Remedy(
          "Let checkpoints come less often and compress page images.",
          sql: ["ALTER SYSTEM SET wal_compression = on;", "SELECT pg_reload_conf();"],
          rollback: ["ALTER SYSTEM RESET wal_compression;", "SELECT pg_reload_conf();"],
          risk: "Compression costs CPU; checkpoints further apart make recovery after a crash longer."),
        confidence: .measured("counted by the server"))
    ]
  }
}

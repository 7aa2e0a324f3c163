import Catalog
import History
import Model
import Report

/// What `pgassay capture` says of a snapshot: on standard output what was taken, on standard error what was not.
struct CaptureReport {
  var snapshot: Snapshot
  var capture: LiveCapture.Outcome
  /// Where it is now.
  var destination: String
  var fileBytes: Int?

  var snapshotID: String { HistoryStore.snapshotID(snapshot.header.server, at: snapshot.header.at) }

  func text() -> String {
    let header = snapshot.header
    let tables = snapshot.counts["relations"].map { ", \($0) tables and views" } ?? ""
    let statements = snapshot.counts["statements"].map { "\($0) statements" } ?? "no statements"
    return "snapshot \(snapshotID) of database \(header.database) on \(header.server) (PostgreSQL \(header.version)), "
      + "\(header.at): \(statements)\(tables) → \(destination)"
  }

  func printDiagnostics() {
    for section in capture.sections {
      if let fault = section.fault { Diagnostics.warning("\(section.name): \(fault)") }
    }
    for item in snapshot.unseen { Diagnostics.note("not seen: \(item.what) (\(item.remedy))") }
  }

  /// One snapshot is the document itself; several are its `snapshots`.
  static func document(_ reports: [CaptureReport]) -> JSONValue {
    let version = JSONValue.Member("schema_version", .integer(JSONValue.schemaVersion))
    if reports.count == 1 { return .object([version] + reports[0].members) }
    return .object([version, .init("snapshots", .array(reports.map { .object($0.members) }))])
  }

  private var members: [JSONValue.Member] {
    let header = snapshot.header
    return [
      .init("snapshot_id", .string(snapshotID)), .init("captured_at", .string(header.at.description)),
      .init("database", .string(header.database)), .init("system_identifier", .string(header.server.systemIdentifier)),
      .init("node", .string(header.server.node)), .init("server_version", .string(header.version.description)),
      .init("role", .string(header.role)), .init("destination", .string(destination)),
      .init("snapshot_bytes", .count(capture.bytes)), .init("file_bytes", .count(fileBytes)),
      .init("keeps_values", .bool(header.keepsValues)),
      .init(
        "sections",
        .array(
          capture.sections.map {
            .object([
              .init("name", .string($0.name)), .init("rows", .count($0.rows)),
              .init("reused_rows", .count($0.reusedRows)), .init("fault", .text($0.fault)),
            ])
          })),
      .init(
        "unseen",
        .array(
          snapshot.unseen.map { .object([.init("what", .string($0.what)), .init("remedy", .string($0.remedy))]) })),
    ]
  }
}

import Catalog
import Model
import PostgresClient
import Report
import Synchronization

/// One snapshot into a portable file, which appears whole or not at all, or to standard output.
struct CaptureToFile {
  var path: String
  var options: LiveCapture.Options

  func run(_ server: ConnectionOptions, format: OutputFormat) async throws {
    let writer = try SnapshotWriter(path: path)
    let cleanup = Interrupts.cleanUpOnInterrupt { writer.discard() }
    defer { cleanup.end() }
    let reader = Mutex(SnapshotReader(keeping: .only([])))
    let connection = try await PostgresConnection.connect(server)
    let outcome = try await LiveCapture(options).run(on: connection) { lines in
      try writer.write(lines)
      try reader.withLock { try $0.add(lines) }
    }
    await connection.close()
    let bytes = try writer.finish()
    let report = CaptureReport(
      snapshot: try reader.withLock { try $0.finish() }, capture: outcome, destination: path, fileBytes: bytes)
    report.printDiagnostics()
    // What tells of the snapshot would stand in the snapshot.
    if OutputPlace(path) == .standardOutput { return Diagnostics.note(report.text()) }
    switch format {
    case .json: Output.standard.json(CaptureReport.document([report]))
    default: Output.standard.line(report.text())
    }
  }
}

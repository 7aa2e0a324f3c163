import Catalog
import Model
import PostgresClient
import Recorder
import Report

/// One snapshot of each server into a history. A server that fails does not keep the others from being taken.
struct CaptureOnce {
  var servers: [ConnectionOptions]
  var store: CaptureStore
  var options: LiveCapture.Options

  func run(format: OutputFormat) async throws {
    var reports: [CaptureReport] = []
    var failures: [String] = []
    for server in servers {
      do {
        let connection = try await PostgresConnection.connect(server)
        let taken = try await store.take(connection, options)
        await connection.close()
        reports.append(
          CaptureReport(snapshot: taken.recorded.snapshot, capture: taken.capture, destination: "history"))
      } catch let error as any UserError {
        failures.append(error.sentence)
      }
    }
    for report in reports { report.printDiagnostics() }
    switch format {
    case .json: Output.standard.json(CaptureReport.document(reports))
    default: for report in reports { Output.standard.line(report.text()) }
    }
    if !failures.isEmpty { throw CaptureFailure(sentence: failures.joined(separator: "\npgassay: ")) }
  }
}

/// Servers that no snapshot could be taken of, after the others were.
struct CaptureFailure: UserError {
  let sentence: String
}

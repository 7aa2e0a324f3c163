import Foundation

@testable import Plans

/// The plans of Fixtures/plans.ndjson, recorded by Fixtures/record.sh on real servers.
enum RecordedPlans {
  static let all: [(name: String, document: [UInt8])] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/plans.ndjson")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { line in
      // {"name":"…","plan":[…]}
      let name = line.dropFirst(9).prefix { $0 != "\"" }
      let start = line.firstRange(of: "\"plan\":")?.upperBound ?? line.startIndex
      return (String(name), Array(line[start...].dropLast().utf8))
    }
  }()

  static func plan(_ name: String) throws -> Plan {
    guard let recorded = all.first(where: { $0.name == name }) else { throw Missing(name: name) }
    return try PlanReader.plans(in: recorded.document)[0]
  }

  struct Missing: Error { var name: String }
}

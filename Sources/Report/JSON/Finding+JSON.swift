public import Findings
import Model

/// Findings as JSON: the same members as `Finding`'s `Codable` form, written in the house's order.
extension JSONValue {
  public static func finding(_ finding: Finding) -> JSONValue {
    var members = [
      Member("id", .string(finding.id)), Member("rule", .string(finding.rule.name)),
      Member("title", .string(finding.title)), Member("severity", .string(finding.severity.rawValue)),
      Member("subject", subject(finding.subject)),
    ]
    if !finding.discriminator.isEmpty { members.append(Member("discriminator", .string(finding.discriminator))) }
    if let time = finding.recoverable { members.append(Member("recoverable", recoverable(time))) }
    members.append(Member("evidence", .array(finding.evidence.map(evidence))))
    members.append(Member("remedy", remedy(finding.remedy)))
    members.append(Member("confidence", confidence(finding.confidence)))
    if let location = finding.location {
      members.append(
        Member("location", ["path": .string(location.path), "line": .count(location.line)]))
    }
    return .object(members)
  }

  public static func recoverable(_ time: RecoverableTime) -> JSONValue {
    [
      "per": .string(time.basis.rawValue), "low_ms": .number(time.low), "estimate_ms": .number(time.estimate),
      "high_ms": .number(time.high),
    ]
  }

  public static func confidence(_ confidence: Confidence) -> JSONValue {
    ["level": .string(confidence.level.rawValue), "reason": .string(confidence.reason)]
  }

  private static func remedy(_ remedy: Remedy) -> JSONValue {
    [
      "sentence": .string(remedy.sentence), "sql": .array(remedy.sql.map { .string($0) }),
      "rollback_sql": .array(remedy.rollback.map { .string($0) }), "risk": .string(remedy.risk),
      "shows_values": .bool(remedy.showsValues),
    ]
  }

  private static func evidence(_ evidence: Evidence) -> JSONValue {
    var members = [Member("key", .string(evidence.key)), Member("label", .string(evidence.label))]
    switch evidence.value {
    case .quantity(let number, let unit):
      members += [Member("value", .number(number)), Member("unit", .string(unit.rawValue))]
    case .interval(let low, let high, let unit):
      members += [
        Member("low", .number(low)), Member("high", .number(high)), Member("unit", .string(unit.rawValue)),
      ]
    case .text(let text): members.append(Member("text", .string(text)))
    case .excerpt(let lines): members.append(Member("lines", .array(lines.map { .string($0) })))
    }
    if evidence.showsValues { members.append(Member("shows_values", true)) }
    return .object(members)
  }

  private static func subject(_ subject: Subject) -> JSONValue {
    var members = [Member("kind", .string(subject.kindName))]
    if !subject.database.isEmpty { members.append(Member("database", .string(subject.database))) }
    switch subject.kind {
    case .query(let fingerprint): members.append(Member("fingerprint", .string(fingerprint.description)))
    case .plan(let shape): members.append(Member("shape_hash", .string(Fingerprint(shape).description)))
    case .table(let table):
      members += [Member("schema", .string(table.schema)), Member("table", .string(table.name))]
    case .index(let index, let table):
      members += [
        Member("index_schema", .string(index.schema)), Member("index", .string(index.name)),
        Member("schema", .string(table.schema)), Member("table", .string(table.name)),
      ]
    case .setting(let name): members.append(Member("setting", .string(name)))
    case .database, .server: break
    }
    return .object(members)
  }
}

internal import Bytes
internal import PostgresClient

extension LiveCapture {
  /// The catalog's sections: all of them asked for, or what changed since the last capture, with the rest from there.
  func catalog(
    _ chosen: [Chosen], _ major: Int, _ header: SnapshotHeader, _ probe: Probe.Answer, _ counters: [String: [UInt8]],
    on connection: PostgresConnection
  ) async throws -> [Part] {
    let base = try self.base(header).flatMap { CatalogBase(lines: $0, for: header) }
    var renewal: CatalogRenewal?
    var parts: [Part] = []
    for choice in chosen {
      let section = choice.section
      var part: Part
      if Self.isNothingReadable(choice, parts) {
        part = (.init(name: section.name, rows: 0), [])
      } else if let known = renewal, case .some(let ids) = known.plan(section, canChoose: choice.alternative.canChoose)
      {
        part = (.init(name: section.name, rows: 0), [])
        if !ids.isEmpty, let query = choice.alternative.sql(major, .chosen)?.edited(probe.filled) {
          part = try await ask(choice, query, [Self.array(ids)], on: connection)
        }
        if known.isRenamed(section, now: part.lines) {
          renewal = nil
          part = try await ask(choice, choice.query, [], on: connection)
        } else if part.outcome.rows != nil {
          known.merge(section, into: &part)
        }
      } else {
        part = try await ask(choice, choice.query, [], on: connection)
        if renewal?.isRenamed(section, now: part.lines) == true { renewal = nil }
      }
      parts.append(part)
      if section.name == RelationQueries.indexes.name { renewal?.note(indexes: part.lines) }
      if section.name == VersionQueries.versions.name, let base {
        renewal = try await self.renewal(of: base, part.lines, parts, probe, counters, on: connection)
      } else if renewal == nil {
        // What was taken from the base before a new name was found.
        for place in parts.indices where parts[place].outcome.reusedRows > 0 {
          parts[place] = try await ask(chosen[place], chosen[place].query, [], on: connection)
        }
      }
    }
    return parts
  }

  typealias Part = (outcome: Outcome.SectionOutcome, lines: [UInt8])

  private func ask(
    _ choice: Chosen, _ query: SectionQuery, _ parameters: [String?], on connection: PostgresConnection
  ) async throws -> Part {
    if choice.section.isGenerator {
      let (outcome, lines) = try await look(choice.section, query, parameters, on: connection)
      return (outcome, lines)
    }
    let (outcome, lines) = try await take(choice.section, query, parameters, on: connection)
    return (outcome, lines)
  }

  /// Whether a section of what is in tables, which checks the rights on each column, would show this role nothing.
  private static func isNothingReadable(_ choice: Chosen, _ parts: [Part]) -> Bool {
    guard
      choice.section.name == "column_statistics" && choice.alternative.needs == nil
        || choice.section.name == StatisticsQueries.extremes.name,
      let relations = parts.first(where: { $0.outcome.name == RelationQueries.relations.name }),
      relations.outcome.rows != nil
    else { return false }
    return !CatalogBase.lines(relations.lines).contains {
      let row = $0.tree()
      return row?["is_readable"]?.bool == true && row?["kind"]?.string != "view"
    }
  }

  private func renewal(
    of base: CatalogBase, _ versions: [UInt8], _ parts: [Part], _ probe: Probe.Answer, _ counters: [String: [UInt8]],
    on connection: PostgresConnection
  ) async throws -> CatalogRenewal? {
    let written = try await connection.query(VersionQueries.written)
    let renewal = CatalogRenewal(
      base: base, flags: probe.flags, versions: CatalogBase.lines(versions),
      counters: probe.flags.contains(.countsChanges) ? counters["stat_tables"].map(CatalogBase.lines) : nil,
      indexCounters: counters["stat_indexes"].map(CatalogBase.lines) ?? [],
      written: Set(try written.map { Int64(try $0.int("relation")) }))
    // Sequences come before.
    let sequences = parts.first { $0.outcome.name == SchemaQueries.sequences.name }
    guard let renewal, let sequences, !renewal.isRenamed(SchemaQueries.sequences, now: sequences.lines) else {
      return nil
    }
    return renewal
  }
}

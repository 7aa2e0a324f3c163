internal import PostgresClient

extension LiveCapture {
  /// One of the texts that were asked for is none in the encoding that it must be sent in, so that the server sent none.
  struct UnreadableText: Error {
    /// What the server says.
    var reason: String
  }

  /// `character_not_in_repertoire` and `untranslatable_character` (appendix A of PostgreSQL's documentation).
  static let encodingFaults: Set<String> = ["22021", "22P05"]
  /// Each query makes the server read its whole file of texts.
  private static let textQueriesLimit = 100
  /// Query ids that are named where texts are missing.
  private static let namedLimit = 10

  /// The texts of statements. One that cannot be sent costs only itself: the others are found by halving.
  /// - Parameters:
  ///   - ids: the query ids whose texts are asked for.
  ///   - byID: asks for the texts of the ids in its first parameter.
  func texts(
    _ section: Section, _ query: SectionQuery, _ parameters: [String?], of ids: [Int64], byID: SectionQuery,
    on connection: PostgresConnection
  ) async throws -> (Outcome.SectionOutcome, lines: [UInt8]) {
    let fault: UnreadableText
    do {
      return try await take(section, query, parameters, on: connection)
    } catch let error as UnreadableText {
      fault = error
    }
    do {
      _ = try await take(section, byID, [Self.array([])], on: connection)
    } catch is UnreadableText {
      // pg_stat_statements converts all texts to the database's encoding before any is chosen.
      let reason =
        "pg_stat_statements gives no text in this database, since it cannot convert one of them to the database's "
        + "encoding; a capture of the database that the statement ran in, or of one with encoding SQL_ASCII, gets the "
        + "texts (\(fault.reason))"
      return (.init(name: section.name, rows: nil, fault: reason), [])
    }
    var open = [ids[...]]
    var found: (rows: Int, lines: [UInt8]) = (0, [])
    var lost: [Int64] = []
    var queries = 0
    while let part = open.popLast() {
      guard !part.isEmpty else { continue }
      guard queries < Self.textQueriesLimit else {
        lost += part
        continue
      }
      queries += 1
      do {
        let (outcome, lines) = try await take(section, byID, [Self.array(Array(part))], on: connection)
        guard let rows = outcome.rows else { return (outcome, []) }
        found.rows += rows
        found.lines += lines
      } catch is UnreadableText {
        let middle = part.startIndex + part.count / 2
        if part.count == 1 { lost += part } else { open += [part[middle...], part[..<middle]] }
      }
    }
    return (
      .init(name: section.name, rows: found.rows, fault: lost.isEmpty ? nil : Self.sentence(lost, fault)), found.lines
    )
  }

  private static func sentence(_ lost: [Int64], _ fault: UnreadableText) -> String {
    let ids = lost.prefix(namedLimit).map(String.init).joined(separator: ", ")
    let more = lost.count > namedLimit ? " and \(lost.count - namedLimit) more" : ""
    return lost.count == 1
      ? "the text of query id \(ids) cannot be read as UTF-8 and is left out (\(fault.reason))"
      : "the texts of query ids \(ids)\(more) cannot be read as UTF-8 and are left out (\(fault.reason))"
  }
}

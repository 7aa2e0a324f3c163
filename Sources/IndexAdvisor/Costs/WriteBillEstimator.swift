internal import Model
internal import SQLText

extension WriteBill {
  /// Prices candidates by what the workload writes.
  struct Estimator: Sendable {
    /// What happens to one table in a day.
    private struct Traffic {
      var inserts = 0.0
      /// Updates by the columns that they assign.
      var updates: [(columns: Set<String>, perDay: Double)] = []
      /// Updates that touch no index now, as a share of all.
      var hotShare = 1.0
    }

    private var traffic: [RelationName: Traffic] = [:]
    private let tables: [RelationName: TableFacts]

    /// Rows written come from the table's counters where they are captured, else from the calls of the workload's
    /// statements; which columns updates assign always comes from the statements.
    init(_ workload: Workload, _ profiles: [Int: StatementProfile], _ schema: Schema) {
      tables = Dictionary(schema.facts.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      let perDay = workload.windowSeconds > 0 ? 86_400 / workload.windowSeconds : 1
      for (number, profile) in profiles.sorted(by: { $0.key < $1.key }) {
        let calls = workload.queries[number].calls * perDay
        for use in profile.uses {
          switch use.use.write {
          case .insert: traffic[use.table.name, default: Traffic()].inserts += calls
          case .update(let columns):
            traffic[use.table.name, default: Traffic()].updates.append((Set(columns), calls))
          case .insertOrUpdate(let columns):
            traffic[use.table.name, default: Traffic()].inserts += calls / 2
            traffic[use.table.name, default: Traffic()].updates.append((Set(columns), calls / 2))
          case .delete, nil: break
          }
        }
      }
      for table in schema.facts.tables {
        guard let writes = table.writes, writes.seconds > 0 else { continue }
        let scale = 86_400 / writes.seconds
        var entry = traffic[table.name] ?? Traffic()
        entry.inserts = writes.inserts * scale
        let counted = writes.updates * scale
        let known = entry.updates.reduce(0) { $0 + $1.perDay }
        // A statement may update many rows: scale what the statements say to the rows counted.
        if known > 0 {
          for i in entry.updates.indices { entry.updates[i].perDay *= counted / known }
        } else if counted > 0 {
          entry.updates = [([], counted)]
        }
        entry.hotShare = writes.updates > 0 ? writes.hotUpdates / writes.updates : 1
        traffic[table.name] = entry
      }
    }

    func bill(for definition: IndexDefinition, sizeBytes: Int64) -> WriteBill {
      guard let traffic = traffic[definition.table], let table = tables[definition.table] else { return .none }
      let keyColumns = definition.keys.compactMap(\.columnName)
      let isExpression = definition.keys.contains { $0.columnName == nil }
      let predicate = definition.predicate ?? ""
      func isTouched(by columns: Set<String>, _ names: [String]) -> Bool { names.contains(where: columns.contains) }

      // A partial index takes a share of the rows that shows in its size.
      let share = definition.predicate == nil ? 1 : partialShare(definition, table, sizeBytes)
      var entries = traffic.inserts * share
      var lostHot = 0.0
      var lostHotMilliseconds = 0.0
      for update in traffic.updates {
        let touchesKey =
          isTouched(by: update.columns, keyColumns)
          || isExpression
            && update.columns.contains { column in
              definition.keys.contains { $0.columnName == nil && $0.sql.contains(column) }
            }
          || update.columns.contains { predicate.contains($0) }
        let touchesIncluded = isTouched(by: update.columns, definition.included)
        let hot = update.perDay * traffic.hotShare
        if touchesKey || touchesIncluded {
          lostHot += hot
          lostHotMilliseconds += hot * (touchesIncluded && !touchesKey ? 0.026 : 0.018)
          entries += (update.perDay - hot) * share
        } else {
          // An update that is not heap-only writes an entry into every index.
          entries += (update.perDay - hot) * share
        }
      }
      let perEntry = entryMicroseconds(definition, table)
      return WriteBill(
        millisecondsPerDay: entries * perEntry / 1_000 + lostHotMilliseconds,
        walBytesPerDay: entries * (definition.keys.count + definition.included.count > 1 ? 88 : 70) + lostHot * 147,
        entriesPerDay: entries, lostHotUpdatesPerDay: lostHot)
    }

    private func entryMicroseconds(_ definition: IndexDefinition, _ table: TableFacts) -> Double {
      guard let first = definition.keys.first?.columnName, let column = table.column(first) else { return 9.6 }
      let isAscending = (column.correlation ?? 0) > 0.9
      let isRepeating = column.distinct.map { $0 < table.rows / 100 } ?? false
      return (isAscending || isRepeating) && definition.keys.count == 1 ? 3.1 : 9.6
    }

    private func partialShare(_ definition: IndexDefinition, _ table: TableFacts, _ sizeBytes: Int64) -> Double {
      let width = definition.keys.compactMap(\.columnName).reduce(12) { $0 + (table.column($1)?.averageWidth ?? 8) }
      let whole = max(1, table.rows * Double(width) / 0.9)
      return min(1, Double(sizeBytes) / whole)
    }
  }
}

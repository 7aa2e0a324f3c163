/// All sections of a snapshot in the order in which they are taken.
enum Sections {
  static func all(keepsValues: Bool, withStatistics: Bool = true) -> [Section] {
    // Statement counters first: what the capture itself runs must not be among them.
    var list = [
      StatementsQueries.info, StatementsQueries.statements, StatementsQueries.infoAfter, StatementsQueries.texts,
    ]
    list += [
      CounterQueries.database, CounterQueries.databaseConflicts, CounterQueries.backgroundWriter,
      CounterQueries.checkpointer, CounterQueries.wal, CounterQueries.io, CounterQueries.slru, CounterQueries.archiver,
      CounterQueries.replication, CounterQueries.replicationSlots, CounterQueries.position, CounterQueries.sessions,
      CounterQueries.connections, CounterQueries.preparedTransactions, CounterQueries.databases,
      CounterQueries.userFunctions, CounterQueries.tables, CounterQueries.indexes,
    ]
    list += [
      CounterQueries.databaseSizes, SettingsQueries.settings, SettingsQueries.roleSettings, SettingsQueries.roles,
      SettingsQueries.tablespaces, SchemaQueries.schemas,
      SchemaQueries.extensions, SchemaQueries.types, SchemaQueries.collations, SchemaQueries.functions,
      SchemaQueries.operators, SchemaQueries.casts, SchemaQueries.operatorClasses, SchemaQueries.sequences,
      VersionQueries.versions, RelationQueries.relations, RelationQueries.columns,
      RelationQueries.constraints, RelationQueries.indexes, RelationQueries.triggers, RelationQueries.policies,
    ]
    if withStatistics {
      list += [
        StatisticsQueries.typeOperators, StatisticsQueries.columns(keepsValues: keepsValues),
        StatisticsQueries.extended(keepsValues: keepsValues), StatisticsQueries.treeHeights,
        StatisticsQueries.ginPages,
      ]
      if keepsValues { list.append(StatisticsQueries.extremes) }
    }
    list.append(RelationQueries.views)
    return list
  }
}

public import PostgresClient

extension TwinDatabase {
  /// The statement that makes some indexes visible to the planner and hides others, in one step.
  public nonisolated func switching(on: [String], off: [String]) -> PipelinedStatement {
    PipelinedStatement(
      "SELECT \(TwinSupport.schema).switch_indexes($1::oid[], $2::oid[])",
      ["{" + on.joined(separator: ",") + "}", "{" + off.joined(separator: ",") + "}"])
  }

  /// The object ids by which an existing index is switched: its own and, on a partitioned table, its partitions'.
  public nonisolated func existingIndexes() async throws -> [ExistingIndex] {
    try await planning.query(
      """
      SELECT n.nspname AS schema, i.relname AS name,
        (SELECT pg_catalog.array_to_string(pg_catalog.array_agg(d.relation ORDER BY d.relation), ' ')
          FROM \(TwinSupport.schema).descendants(i.oid) d) AS oids
      FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
      WHERE x.indisvalid AND n.nspname !~ '^pg_' AND n.nspname <> $1 ORDER BY n.nspname, i.relname
      """, [TwinSupport.schema]
    ).map {
      ExistingIndex(
        schema: try $0.string("schema"), name: try $0.string("name"),
        oids: try $0.string("oids").split(separator: " ").map(String.init))
    }
  }

  /// Indexes on partitions, as plans name them, with the index on the partitioned table that each belongs to.
  ///
  /// - Parameter oids: only these; nil for all.
  public nonisolated func partitionedIndexes(among oids: [String]? = nil) async throws -> [String: String] {
    let rows = try await planning.query(
      """
      SELECT c.relname AS name, r.relname AS root FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_class r ON r.oid = pg_catalog.pg_partition_root(c.oid)
      WHERE c.relkind = 'i' AND c.relispartition AND ($1::oid[] IS NULL OR c.oid = ANY ($1::oid[]))
      ORDER BY c.oid
      """, [oids.map { "{" + $0.joined(separator: ",") + "}" }])
    return try Dictionary(
      rows.map { (try $0.string("name"), try $0.string("root")) }, uniquingKeysWith: { first, _ in first })
  }

  public struct ExistingIndex: Sendable {
    public var schema: String
    public var name: String
    public var oids: [String]
  }
}

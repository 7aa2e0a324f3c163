import History
import Model
import Report

/// What `pgassay history list` shows.
struct HistoryListing {
  let path: String
  let span: TimeWindow?
  let contents: HistoryContents
  let sources: [SourceProgress]
  let snapshots: [SnapshotSummary]
  let catalogs: [CatalogSummary]
  let limit: Int

  init(_ store: HistoryStore, limit: Int) throws {
    path = store.path
    span = try store.span()
    contents = try store.contents()
    sources = try store.sources()
    snapshots = try store.snapshots()
    catalogs = try store.catalogs()
    self.limit = limit
  }

  var parts: [(title: String, table: Table?)] {
    var parts: [(title: String, table: Table?)] = [(heading, nil)]
    if !sources.isEmpty { parts.append(("sources", sourceTable)) }
    if !snapshots.isEmpty { parts.append((title("snapshots", snapshots.count), snapshotTable)) }
    if !catalogs.isEmpty { parts.append((title("catalogs", catalogs.count), catalogTable)) }
    return parts
  }

  var markdown: String {
    parts.map {
      "\($0.table == nil ? "" : "### ")\($0.title)\n\n" + ($0.table.map { MarkdownTable($0).rendered() } ?? "")
    }
    .joined(separator: "\n")
  }

  private func title(_ what: String, _ count: Int) -> String {
    count > limit ? "the newest \(limit) of \(Quantity.count(count)) \(what) (--all shows them)" : what
  }

  private var heading: String {
    let time = span.map { HistoryWindow.text($0) } ?? "empty"
    return "\(path): \(time); \(Quantity.count(contents.statements)) statements, "
      + "\(Quantity.count(contents.samples)) samples, \(Quantity.count(contents.plans)) plans, "
      + "\(Quantity.count(contents.snapshots)) snapshots, \(Quantity.count(contents.catalogs)) catalogs"
  }

  private var sourceTable: Table {
    var table = Table([
      .flexible("source"), .text("format"), .number("entries"), .number("skipped"), .text("from"), .text("to"),
    ])
    for source in sources {
      table.add([
        .text(source.path), .text(String(source.format.prefix { $0 != " " })), .count(source.entries),
        .count(source.skipped.values.reduce(0, +)), .text(source.first.map(HistoryWindow.text) ?? "–"),
        .text(source.last.map(HistoryWindow.text) ?? "–"),
      ])
    }
    return table
  }

  private var snapshotTable: Table {
    var table = Table([
      .text("snapshot"), .text("taken"), .flexible("server"), .number("statements"), .number("hidden"),
      .text("PostgreSQL"), .text("extension"),
    ])
    for snapshot in snapshots.suffix(limit) {
      table.add([
        .code(snapshot.id), .text(HistoryWindow.text(snapshot.at)), .text(snapshot.server.description),
        .count(snapshot.statements), .count(snapshot.hidden), .text(snapshot.serverVersion?.description ?? "–"),
        .text(snapshot.extensionVersion.isEmpty ? "–" : snapshot.extensionVersion),
      ])
    }
    return table
  }

  private var catalogTable: Table {
    var table = Table([.text("snapshot"), .text("taken"), .text("database"), .flexible("server")])
    for catalog in catalogs.suffix(limit) {
      table.add([
        .code(catalog.id), .text(HistoryWindow.text(catalog.at)), .text(catalog.database),
        .text(catalog.server.description),
      ])
    }
    return table
  }

  var json: JSONValue {
    .document([
      "command": "history list", "path": .string(path), "window": span.map { TopReport.json($0) } ?? .null,
      "statements": .count(contents.statements), "samples": .count(contents.samples), "plans": .count(contents.plans),
      "events": .count(contents.events),
      "sources": .array(
        sources.map { source in
          [
            "path": .string(source.path), "format": .string(source.format), "entries": .count(source.entries),
            "consumed_bytes": .count(source.consumed), "skipped": .count(source.skipped.values.reduce(0, +)),
            "first": .text(source.first?.description), "last": .text(source.last?.description),
          ]
        }),
      "snapshots": .array(
        snapshots.suffix(limit).map { snapshot in
          [
            "snapshot_id": .string(snapshot.id), "at": .string(snapshot.at.description),
            "system_identifier": .string(snapshot.server.systemIdentifier), "node": .string(snapshot.server.node),
            "statements": .count(snapshot.statements), "hidden": .count(snapshot.hidden),
            "server_version": .text(snapshot.serverVersion?.description),
            "extension_version": .string(snapshot.extensionVersion),
          ]
        }),
      "catalogs": .array(
        catalogs.suffix(limit).map { catalog in
          [
            "snapshot_id": .string(catalog.id), "at": .string(catalog.at.description),
            "database": .string(catalog.database), "system_identifier": .string(catalog.server.systemIdentifier),
            "node": .string(catalog.server.node),
          ]
        }),
    ])
  }
}

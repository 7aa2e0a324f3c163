internal import Bytes

/// Counts, row by row, what a capture did not see.
struct UnseenTally: Sendable {
  private var statements = 0
  private var hiddenStatements = 0
  private var tables = 0
  private var unreadable = 0
  private var locked = 0
  private var lockedViews = 0
  private var withheld = 0

  mutating func count(_ row: SnapshotRow, of section: String) {
    switch section {
    case "statements":
      statements += 1
      if row["queryid"] == nil { hiddenStatements += 1 }
    case "relations":
      guard row["kind"]?.string != "view", row["extension"] == nil else { return }
      tables += 1
      if row["is_readable"]?.bool == false { unreadable += 1 }
      if row["is_locked"]?.bool == true { locked += 1 }
    case "views":
      if row["is_locked"]?.bool == true { lockedViews += 1 }
    case "settings":
      if row["is_withheld"]?.bool == true { withheld += 1 }
    default: break
    }
  }

  /// In the order of their weight.
  func unseen(header: SnapshotHeader, taken: Set<String>, failed: [String]) -> [Unseen] {
    var list: [Unseen] = []
    // The library defines its settings when it is loaded.
    let isLoaded = header.statementsCapacity != nil
    if !taken.contains("statements") {
      list.append(
        Unseen(
          what: "statement statistics: database \(header.database) has no extension pg_stat_statements",
          remedy: isLoaded
            ? "CREATE EXTENSION pg_stat_statements there, or capture the database that has it: it sees all databases"
            : "add it to shared_preload_libraries, restart the server, then CREATE EXTENSION pg_stat_statements"))
    } else if failed.contains("statements"), !isLoaded {
      list.append(
        Unseen(
          what: "statement statistics: the extension is created, but its library is not loaded",
          remedy: "add pg_stat_statements to shared_preload_libraries and restart the server"))
    }
    if hiddenStatements > 0 {
      list.append(
        Unseen(
          what: "\(hiddenStatements) of \(statements) statements: they are other roles'",
          remedy: "GRANT pg_read_all_stats (or pg_monitor)"))
    }
    if taken.contains("column_statistics") || taken.contains("relations") && !header.readsStatistic {
      if !header.readsStatistic, unreadable > 0 {
        list.append(
          Unseen(
            what: "planner statistics and extremes of \(unreadable) of \(tables) tables: the role may not read them",
            remedy: "GRANT pg_read_all_data (14 and later), SELECT on the tables, or a superuser"))
      }
    }
    if taken.contains("indexes"), !taken.contains("tree_heights"), taken.contains("column_statistics") {
      list.append(
        Unseen(
          what: "heights of B-trees: they are estimated from their sizes",
          remedy: "GRANT pg_read_server_files and EXECUTE on pg_read_binary_file(text, bigint, bigint, boolean)"))
    }
    if !header.readsAllSettings {
      list.append(Unseen(what: "settings that only pg_read_all_settings sees", remedy: "GRANT pg_monitor"))
    }
    if !header.readsAllStats {
      list.append(
        Unseen(what: "other roles' sessions and replication", remedy: "GRANT pg_read_all_stats (or pg_monitor)"))
    }
    if withheld > 0 {
      list.append(
        Unseen(
          what: "values of \(withheld) settings that may hold a password or token",
          remedy: "nothing: they never leave the server"))
    }
    if locked > 0 {
      list.append(
        Unseen(
          what: "sizes, indexes, checks and policies of \(locked) tables that somebody holds an exclusive lock on",
          remedy: "capture again"))
    }
    if lockedViews > 0 {
      list.append(
        Unseen(
          what: "definitions of \(lockedViews) views on tables that somebody holds an exclusive lock on",
          remedy: "capture again"))
    }
    for name in failed where isLoaded || !name.hasPrefix("statement") {
      list.append(Unseen(what: "section \(name): its query failed", remedy: "see the message of the capture"))
    }
    return list
  }
}

public import History
internal import Report

extension StatementsCoverage {
  /// What is covered, of what, and who says so.
  public var sentence: String {
    let explained = Quantity.milliseconds(Double(self.explained) / 1e6)
    guard let fraction else {
      return "what share of the server's active time the statements' \(explained) are is not known: " + reason
    }
    let active = Quantity.milliseconds(Double(active ?? 0) / 1e6)
    let share = Quantity(fraction, .fraction)
    let words =
      "the statements account for \(isExact ? share : share.atLeast()) of the \(active) that the server was active, by "
      + "pg_stat_database"
    return fraction > 1
      ? words + " (which does not count background workers and what runs without track_activities)" : words
  }

  private var reason: String {
    switch obstacle {
    case .version: "pg_stat_database counts it from PostgreSQL 14 on"
    case .export: "an export of pg_stat_statements has no pg_stat_database (capture reads it)"
    case .statisticsLost:
      "a database's statistics were reset or dropped with it, or the server crashed or was another one"
    case .nothingActive: "pg_stat_database saw nothing active (track_activities = off?)"
    case .nestedNotTold:
      "with pg_stat_statements.track = all this version of the extension counts nested statements twice"
    case nil: "nothing tells"
    }
  }
}

extension StatementsCoverage.Obstacle {
  /// In JSON.
  public var code: String {
    switch self {
    case .version: "server_version"
    case .export: "export"
    case .statisticsLost: "statistics_lost"
    case .nothingActive: "nothing_active"
    case .nestedNotTold: "nested_not_told"
    }
  }
}

/// `pgassay report` on a night of the recorded shop, and what it says when it cannot.
enum ReportScenes {
  private static let night = ["--from", "2026-03-10 02:00", "--to", "2026-03-10 03:00"]

  static let all: [GoldenScene] = [
    GoldenScene(
      "report",
      [
        .prepare(["ingest", "--history", "shop.sqlite", "Workloads/shop/recorded/week2/postgresql.log.gz"]),
        .init(
          "report-night",
          ["report", "--history", "shop.sqlite", "--no-advice", "--limit", "3", "--format", "markdown"] + night),
        .init(
          "report-empty-window",
          [
            "report", "--history", "shop.sqlite", "--no-advice", "--format", "json", "--from", "2020-01-01", "--to",
            "2020-01-02",
          ]),
        .init("report-directory", ["report", "--history", "shop.sqlite", "--no-advice", "--output", "."] + night),
        .init(
          "report-missing-directory",
          ["report", "--history", "shop.sqlite", "--no-advice", "--output", "no/such/report.html"] + night),
        .init("report-bad-target", ["report", "--history", "shop.sqlite", "--target", "100"]),
      ]),
    GoldenScene("report without a history", [.init("report-no-history", ["report", "--history", "none.sqlite"])]),
  ]
}

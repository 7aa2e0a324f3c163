import ArgumentParser
import Findings
import Model
import Plans
import Report

/// `pgassay explain`: options, and one call.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read a plan, show where its time goes, and say what is wrong with it.",
    discussion: """
      Reads what EXPLAIN and auto_explain print, in text, JSON, XML or YAML, of PostgreSQL 13 to 18: bare, as psql prints \
      it, as a log entry holds it, or quoted by pgAdmin. EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS) tells most.

      Examples:
        pgassay explain plan.json
        psql -X shop -c 'EXPLAIN (ANALYZE, BUFFERS) SELECT …' | pgassay explain -
        pgassay explain after.txt --compare before.txt
        pgassay explain plan.json --gate warning && echo "the plan is fine"

      Exit codes: 0 fine, 1 findings at or over the gate, 2 no plan could be read.
      """)

  @Argument(help: ArgumentHelp("A file with a plan; - is standard input.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("Another plan of the same statement: show what changed from it.", valueName: "other"))
  var compare: String?

  @Option(help: ArgumentHelp("Exit with 1 if a finding is at least this severe.", valueName: "severity"))
  var gate: GateSeverity?

  @Flag(help: "Show literals in conditions and the statements that need them.")
  var showValues = false

  @OptionGroup var output: FormatOption<PlanFormats>

  enum PlanFormats: FormatSubset {
    static let formats: [OutputFormat] = [.text, .markdown, .json, .html]
  }

  func validate() throws {
    guard file != "-" || compare != "-" else {
      throw ValidationError("only one of the two plans can be standard input")
    }
  }

  func run() async throws {
    let plans = try PlanFile.plans(at: file)
    let reports = plans.map { PlanReport($0, showsValues: showValues) }
    let comparison = try compare.map { other in
      PlanComparison(PlanDifference(try PlanFile.plans(at: other)[0], plans[0]), showsValues: showValues)
    }
    let style = Output.standard.style
    switch output.format {
    case .json: Output.standard.json(PlanReport.json(reports, comparison: comparison))
    case .markdown:
      Output.standard.write(MarkdownReport(PlanReport.document(reports, comparison: comparison)).rendered())
    case .html: Output.standard.write(HTMLReport(PlanReport.document(reports, comparison: comparison)).rendered())
    case .text, .csv:
      for (index, report) in reports.enumerated() {
        if index > 0 { Output.standard.line() }
        Output.standard.write(report.text(width: style.isTerminal ? style.width : nil, isColoured: style.isColoured))
      }
      if let comparison {
        Output.standard.line()
        Output.standard.write(comparison.text(width: style.isTerminal ? style.width : nil))
      }
    }
    if let gate, reports.contains(where: { $0.findings.contains { $0.severity >= gate.severity } }) {
      throw ExitCode.findings
    }
  }
}

/// `--gate`: a severity by its name.
struct GateSeverity: ExpressibleByArgument {
  var severity: Severity

  init?(argument: String) {
    guard let severity = Severity(rawValue: argument) else { return nil }
    self.severity = severity
  }

  static var allValueStrings: [String] { Severity.allCases.map(\.rawValue) }
}

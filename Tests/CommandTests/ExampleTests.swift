import Foundation
import Testing

@Suite struct ExampleTests {
  @Test func theReadmesExamplesDoWhatItSays() throws {
    let file = "README.md"
    let text = String(
      decoding: try Data(contentsOf: URL(filePath: PgAssayBinary.root + "/" + file)), as: UTF8.self)
    let examples = try ConsoleExamples(file: file, text: text)
    #expect(!examples.examples.isEmpty)
    let directory = try TemporaryDirectory()
    let workloads = PgAssayBinary.root + "/Workloads"
    if FileManager.default.fileExists(atPath: workloads) {
      try FileManager.default.createSymbolicLink(
        atPath: directory.path + "/Workloads", withDestinationPath: workloads)
    }
    try examples.run(in: directory.path)
  }

  @Test func blocksAreReadAsWritten() throws {
    let text = """
      ```sh
      make demo
      ```
      ```console
      $ pgassay top \\
          --limit 3
      a
      …
      z
      $ pgassay show
      ```
      ```console exit=2
      $ pgassay --nope
      ```
      ```console skip="needs a server"
      $ psql
      ```
      """
    let examples = try ConsoleExamples(file: "x.md", text: text)
    #expect(examples.examples.map(\.command) == ["pgassay top     --limit 3", "pgassay show", "pgassay --nope"])
    #expect(examples.examples.map(\.exitCode) == [0, 0, 2])
    #expect(examples.examples.map(\.line) == [5, 10, 13])
    #expect(examples.examples[0].expectedOutput == ["a", "…", "z"])
    #expect(examples.skipped.map(\.reason) == ["needs a server"])
  }

  @Test(arguments: [
    "```console\n$ make demo\n```", "```console\noutput\n```", "```console skip=\"\"\n$ x\n```",
    "```console exit=x\n$ pgassay\n```", "```console whatever\n$ pgassay\n```",
  ])
  func whatCannotBeRunMustSayWhy(text: String) {
    #expect(throws: ConsoleExamples.Malformed.self) { try ConsoleExamples(file: "x.md", text: text) }
  }

  @Test func ellipsisStandsForAnyLines() {
    func matches(_ pattern: [String], _ lines: [String]) -> Bool { ConsoleExamples.matches(pattern[...], lines[...]) }
    #expect(matches(["a", "…", "c"], ["a", "b", "b", "c"]))
    #expect(matches(["…"], []))
    #expect(!matches(["a", "…", "c"], ["a", "b"]))
    #expect(!matches(["a"], ["a", "b"]))
  }
}

import Foundation
import Testing

@testable import pgassay

@Suite struct OutputFileTests {
  private func content(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }

  @Test func aFileIsReplacedWhole() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/report.html"
    try OutputFile.write("one", to: path)
    try OutputFile.write("two", to: path)
    #expect(try content(path) == "two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["report.html"])
  }

  @Test func aLinkKeepsPointing() throws {
    let directory = try TemporaryDirectory()
    try OutputFile.write("one", to: directory.path + "/target")
    try FileManager.default.createSymbolicLink(atPath: directory.path + "/link", withDestinationPath: "target")
    try OutputFile.write("two", to: directory.path + "/link")
    #expect(try content(directory.path + "/target") == "two")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory.path + "/link") == "target")
  }

  @Test func aLinkToNothingGetsItsTarget() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createSymbolicLink(atPath: directory.path + "/link", withDestinationPath: "target")
    try OutputFile.write("new", to: directory.path + "/link")
    #expect(try content(directory.path + "/target") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory.path + "/link") == "target")
  }

  @Test func devicesAreWrittenTo() throws {
    try OutputFile.write("gone", to: "/dev/null")
    #expect(throws: OutputError.self) { try OutputFile.write("text", to: "/dev/full") }
  }

  @Test func whatCannotBeWrittenIsSaidAndLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    #expect { try OutputFile.write("x", to: directory.path) } throws: { error in
      (error as? OutputError)?.sentence.contains("it is a directory") ?? false
    }
    #expect { try OutputFile.write("x", to: directory.path + "/no/such/report.html") } throws: { error in
      (error as? OutputError)?.sentence.contains("no such file or directory") ?? false
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }
}

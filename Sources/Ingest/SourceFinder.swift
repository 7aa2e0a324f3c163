import Bytes
import Foundation
import Glibc

/// Turns the paths on the command line into files: directories with all they hold, patterns as the shell has them.
struct SourceFinder {
  struct Found: Equatable {
    var path: String
    /// Whether the user named the file itself, so that it must be readable.
    var isNamed: Bool
  }

  /// The files in the order of the arguments, those of a directory by name; each once.
  /// - Parameter arguments: paths, patterns, and `-` for standard input.
  func find(_ arguments: [String]) throws(IngestError) -> [Found] {
    var found: [Found] = []
    var seen: Set<String> = []
    func add(_ path: String, named: Bool) {
      let key = path == "-" ? path : real(path)
      if seen.insert(key).inserted { found.append(Found(path: path, isNamed: named)) }
    }
    for argument in arguments {
      var visited: Set<String> = []
      if argument == "-" {
        add(argument, named: true)
        continue
      }
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: argument, isDirectory: &isDirectory) {
        if isDirectory.boolValue {
          let files = try files(in: argument, &visited)
          if files.isEmpty { throw .nothingIn(directory: argument, files: 0) }
          for file in files { add(file, named: false) }
        } else {
          add(argument, named: true)
        }
        continue
      }
      guard argument.contains(where: { "*?[".contains($0) }) else { throw .missing(path: argument) }
      let matches = matches(argument)
      if matches.isEmpty { throw .noMatch(pattern: argument) }
      for match in matches { add(match, named: true) }
    }
    return found
  }

  /// Regular files under a directory, by path; hidden ones are not logs, and nobody may ever write to a pipe that lies
  /// there. A directory below it that cannot be read stands for itself.
  /// - Parameter visited: directories that were looked through, which links may lead to again.
  private func files(in directory: String, _ visited: inout Set<String>) throws(IngestError) -> [String] {
    guard visited.insert(real(directory)).inserted else { return [] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    } catch {
      throw .unreadable(
        path: directory, reason: (error as NSError).localizedFailureReason ?? "\(error.localizedDescription)")
    }
    var result: [String] = []
    for name in names where !name.hasPrefix(".") {
      let path = directory.hasSuffix("/") ? directory + name : directory + "/" + name
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: result += (try? files(in: path, &visited)) ?? [path]
      case S_IFREG: result.append(path)
      default: continue
      }
    }
    return result
  }

  /// The path without symbolic links.
  private func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func matches(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0, let paths = result.gl_pathv else { return [] }
    var files: [String] = []
    for i in 0..<Int(result.gl_pathc) {
      guard let path = paths[i] else { continue }
      var isDirectory: ObjCBool = false
      let name = String(cString: path)
      if FileManager.default.fileExists(atPath: name, isDirectory: &isDirectory), !isDirectory.boolValue {
        files.append(name)
      }
    }
    return files
  }
}

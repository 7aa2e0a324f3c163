internal import Bytes
public import Model
internal import ServerLog

/// Why a source could not be taken in. What was committed before stays; of the source itself nothing half is.
public enum IngestError: UserError {
  case missing(path: String)
  case noMatch(pattern: String)
  case unreadable(path: String, reason: String)
  case empty(path: String)
  /// The content is nothing that pgassay reads.
  case unknownContent(path: String, isBinary: Bool)
  /// What has to be unpacked or converted first.
  case archive(path: String, Archive)
  /// A prefix without %m, %t or %n, and nothing around the lines that has a time.
  case timeless(path: String, prefix: String)
  /// The wrapper was recognised, what it carries was not.
  case wrapped(path: String, wrapper: String)
  /// A wrapper holds the only entry back: a next line may belong to it.
  case waiting(path: String, wrapper: String)
  /// A directory, and nothing in it that pgassay reads.
  case nothingIn(directory: String, files: Int)
  /// An export that lists the newest entry first.
  case newestFirst(path: String, wrapper: String)
  case noEntries(path: String, skipped: String)
  /// - Parameter implausible: lines in which the guess takes fields for what they cannot be.
  case prefix(
    path: String, prefix: String, given: Bool, matched: Int, implausible: Int, lines: Int, examples: [String],
    guess: String?)
  /// The content before the place where an earlier run stopped is not what that run read.
  case rewritten(path: String, offset: Int64)
  case source(path: String, detail: String)
  /// Several sources failed; each has its sentence.
  case several([String])

  public var sentence: String {
    switch self {
    case .missing(let path): return "there is no file \(path)"
    case .noMatch(let pattern): return "no file matches \(pattern)"
    case .unreadable(let path, let reason): return "cannot read \(path): \(reason)"
    case .empty(let path): return "\(path) is empty: there is nothing to read"
    case .unknownContent(let path, let isBinary):
      let what = isBinary ? "is a binary file" : "is not recognised"
      return
        "\(path) \(what): neither a server log (stderr, csvlog, jsonlog, or one of them in syslog's, a container's or a cloud's lines), nor a snapshot of `pgassay capture`, nor an export of pg_stat_statements with a header, nor a plan"
    case .archive(let path, let kind): return "\(path) \(kind.sentence)"
    case .timeless(let path, let prefix):
      return
        "\(path): the prefix '\(prefix)' has no time (%m, %t or %n), and the lines have none of their own, so it cannot be "
        + "told when anything happened"
    case .wrapped(let path, let wrapper):
      return
        "\(path) is written by \(wrapper), but what it carries is no server log, or one whose log_line_prefix cannot be "
        + "found out: give it with --prefix"
    case .waiting(let path, let wrapper):
      return
        "\(path) is written by \(wrapper), and its only entry may go on in a next line: run again when the file has "
        + "grown or was not written to for 10 s"
    case .nothingIn(let directory, let files):
      return files == 0
        ? "\(directory) holds no files"
        : "none of the \(files) files in \(directory) is a server log, a snapshot or a plan"
    case .newestFirst(let path, let wrapper):
      let order =
        wrapper == "CloudLogging"
        ? "export it with `gcloud logging read … --order=asc`, or turn it round (`jq reverse` for an array, `tac` for an object a line)"
        : wrapper.isEmpty
          ? "turn it round first"
          : "export it oldest first, or turn it round (`jq reverse` for an array, `tac` for a record a line)"
      return
        "\(path) lists its newest entries first; what belongs to one execution or transaction is told by its order, so "
        + order + ": nothing of it was taken in"
    case .noEntries(let path, let skipped): return "\(path) holds no entry that could be read (\(skipped))"
    case .prefix(let path, let prefix, let given, let matched, let implausible, let lines, let examples, let guess):
      var text = given ? "\(path) does not fit --prefix '\(prefix)': " : "\(path): no log_line_prefix fits its lines; "
      if given {
        text += "\(matched) of \(lines) lines"
      } else if implausible > 0 {
        text +=
          "in \(implausible) of \(lines) lines the best guess '\(prefix)' takes fields for what they cannot be "
          + "(a host with blanks, an error without a code, a session of another process)"
      } else {
        text +=
          prefix.isEmpty ? "none was made out" : "the best guess '\(prefix)' fits only \(matched) of \(lines) lines"
      }
      if let guess { text += "; '\(guess)' fits better" }
      text += "; give the server's log_line_prefix with --prefix. "
      text += implausible > 0 ? "The first lines:" : "The first lines that do not fit:"
      return text + examples.map { "\n  " + $0 }.joined()
    case .rewritten(let path, let offset):
      return
        "\(path) was read up to byte \(offset) before, but what stands before that byte has changed since; "
        + "if it is another log, its first lines should differ: nothing of it was taken in"
    case .source(_, let detail): return detail
    case .several(let sentences): return sentences.joined(separator: "\npgassay: ")
    }
  }
}

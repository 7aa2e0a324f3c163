internal import Bytes
public import Model

/// What carried a server's log to where it was found: each line, or each entry, in an envelope of its own.
///
/// The formats are those of their makers: RFC 3164 and RFC 5424 and `write_syslog` in
/// src/backend/utils/error/elog.c; systemd's `journalctl -o json` ("Journal JSON Format"); Docker's json-file driver and
/// Kubernetes' CRI logging format; CloudWatch's GetLogEvents, FilterLogEvents, `aws logs tail` and export to S3; Google
/// Cloud's LogEntry; Azure's diagnostic logs; CloudNativePG's "Logging"; Heroku's Logplex.
public struct LogWrapper: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// Lines of syslog; of which programs.
    case syslog(programs: [String])
    /// syslog of Heroku's Logplex: `app[postgres.123]: [DATABASE] [5-1] …`.
    case heroku
    /// `2026-11-23T18:39:18.700123456Z stderr F …`, `P` for a line that goes on.
    case containerRuntime
    /// A time in front of each line, and so many words behind it.
    case timed(words: Int)
    /// A name in front of each line: `db-1  | …`, `[pod/db/postgres] …`; which of them are a server's.
    case labelled([String])
    /// `EVENTS<TAB>…<TAB>message<TAB>time`: the columns before the message.
    case cloudWatchText(columns: Int)
    /// One entry of the journal in each object; of which programs.
    case journal(programs: [String])
    /// `{"log":"…\n","stream":"stderr","time":"…"}`.
    case docker
    /// `{"timestamp":1763923158700,"message":"…"}`.
    case cloudWatch
    /// `{"textPayload":"…","timestamp":"…"}`.
    case cloudLogging
    /// `{"properties":{"message":"…","errorLevel":"LOG"},"time":"…"}`.
    case azure
    /// `{"logger":"postgres","record":{…}}`.
    case cloudNativePG
  }

  /// How records lie in the content.
  enum Layout: Sendable, Hashable {
    /// One on each line.
    case lines
    /// Objects inside this many open brackets and braces, on one line or many.
    case objects(depth: Int)
  }

  let kind: Kind
  let layout: Layout

  init(_ kind: Kind, _ layout: Layout = .lines) {
    self.kind = kind
    self.layout = layout
  }

  /// What stands as zone in the stamps made of RFC 3164's times, which have none.
  public static let localZone = "SYSLOG"

  /// Whether a file that has grown can be unwrapped from the place where it had ended.
  public var goesOn: Bool { layout == .lines || layout == .objects(depth: 0) }

  /// For people.
  public var name: String {
    switch kind {
    case .syslog: "syslog"
    case .heroku: "Heroku"
    case .containerRuntime: "CRI"
    case .timed: "timed"
    case .labelled: "labelled"
    case .journal: "journal"
    case .docker: "Docker"
    case .cloudWatch, .cloudWatchText: "CloudWatch"
    case .cloudLogging: "CloudLogging"
    case .azure: "Azure"
    case .cloudNativePG: "CloudNativePG"
    }
  }

  /// Content, as far as it is taken out of its wrapper, for looking at it.
  public func unwrapped(
    _ sample: [UInt8], stamps: Bool = false, reference: Timestamp, isWhole: Bool
  ) -> [UInt8] {
    let source = UnwrappedByteSource(
      MemoryByteSource(sample), self, stamps: stamps, reference: reference, end: isWhole ? .final : .resting)
    var result: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while let count = try? source.read(into: buffer), count > 0 { result += buffer[..<count] }
    return result
  }
}

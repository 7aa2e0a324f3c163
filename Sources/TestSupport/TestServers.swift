import Foundation

/// The server programs of other major versions that `.ci/servers` puts beside Debian's.
public enum TestServers {
  /// The directory with `initdb` and `postgres` of a major version, nil where it was not installed.
  ///
  /// A test that needs them says why it is skipped:
  /// `@Test(.enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"))`.
  public static func binaries(_ major: Int) -> String? {
    let root = ProcessInfo.processInfo.environment["PGASSAY_TEST_SERVERS"] ?? "/var/tmp/pgassay-servers"
    return [root + "/\(major)/bin", "/usr/lib/postgresql/\(major)/bin"]
      .first { FileManager.default.isExecutableFile(atPath: $0 + "/postgres") }
  }

  public static func has(_ major: Int) -> Bool { binaries(major) != nil }

  /// Whether that server has PostgreSQL's own extensions; the wheel of 16 has none of them.
  public static func hasContrib(_ major: Int) -> Bool {
    binaries(major).map { FileManager.default.fileExists(atPath: $0 + "/../lib/pg_stat_statements.so") } ?? false
  }
}

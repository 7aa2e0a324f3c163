import Model

/// Encoding and collation of a cluster or database, as `pg_database` names them.
public struct ServerLocale: Hashable, Sendable, Codable {
  public enum Provider: String, Hashable, Sendable, Codable { case libc, icu, builtin }

  /// PostgreSQL's name of the encoding, for example `UTF8`.
  public var encoding: String
  /// `LC_COLLATE` and `LC_CTYPE` of the operating system.
  public var collate: String
  public var ctype: String
  public var provider: Provider
  /// The ICU or built-in locale, where the provider has one.
  public var providerLocale: String?

  public init(
    encoding: String = "UTF8", collate: String = "C.UTF-8", ctype: String = "C.UTF-8", provider: Provider = .libc,
    providerLocale: String? = nil
  ) {
    self.encoding = encoding
    self.collate = collate
    self.ctype = ctype
    self.provider = provider
    self.providerLocale = providerLocale
  }

  /// What `initdb` of a version is told.
  func initdbArguments(for version: ServerVersion) -> [String] {
    var arguments = [
      "--encoding=" + encoding, "--locale=C", "--lc-collate=" + collate, "--lc-ctype=" + ctype,
    ]
    if version.major >= 15, provider != .libc {
      arguments.append("--locale-provider=" + provider.rawValue)
      if let providerLocale {
        arguments.append((provider == .icu ? "--icu-locale=" : "--builtin-locale=") + providerLocale)
      }
    } else if version.major >= 15 {
      arguments.append("--locale-provider=libc")
    }
    return arguments
  }
}

public import Model
public import WhatIf

/// The recorded load that indexes are chosen for.
public struct Workload: Sendable {
  /// One statement shape.
  public struct Query: Sendable {
    public var fingerprint: Fingerprint
    /// The normalized text.
    public var text: String
    public var kind: StatementKind
    /// In the window.
    public var calls: Double
    /// Milliseconds in the window.
    public var totalMilliseconds: Double
    /// Real executions, each with its share of the calls; the shares need not sum up to one.
    public var instances: [Instance]

    public init(
      fingerprint: Fingerprint, text: String, kind: StatementKind, calls: Double, totalMilliseconds: Double,
      instances: [Instance]
    ) {
      self.fingerprint = fingerprint
      self.text = text
      self.kind = kind
      self.calls = calls
      self.totalMilliseconds = totalMilliseconds
      self.instances = instances
    }
  }

  public struct Instance: Sendable {
    public var statement: PlannableStatement
    /// How much of the query's load executions like this one stand for.
    public var share: Double

    public init(_ statement: PlannableStatement, share: Double = 1) {
      self.statement = statement
      self.share = share
    }
  }

  public var queries: [Query]
  /// The recorded time.
  public var windowSeconds: Double

  public init(queries: [Query], windowSeconds: Double) {
    self.queries = queries
    self.windowSeconds = windowSeconds
  }
}

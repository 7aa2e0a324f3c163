public import Model

/// What a finding is about.
public struct Subject: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case query(Fingerprint)
    /// One plan whose statement is not known by fingerprint: its shape hash.
    case plan(UInt64)
    case table(RelationName)
    /// An index and the table that it stands on.
    case index(RelationName, on: RelationName)
    /// A server setting by its name.
    case setting(String)
    case database
    case server
  }

  /// The database that the subject lives in; empty where it is not known or does not matter.
  public var database: String
  public var kind: Kind

  public init(_ kind: Kind, database: String = "") {
    self.kind = kind
    self.database = database
  }

  public static func query(_ fingerprint: Fingerprint, database: String = "") -> Subject {
    Subject(.query(fingerprint), database: database)
  }
  public static func plan(_ shape: UInt64) -> Subject { Subject(.plan(shape)) }
  public static func table(_ table: RelationName, database: String = "") -> Subject {
    Subject(.table(table), database: database)
  }
  public static func index(_ index: RelationName, on table: RelationName, database: String = "") -> Subject {
    Subject(.index(index, on: table), database: database)
  }
  public static func setting(_ name: String, database: String = "") -> Subject {
    Subject(.setting(name), database: database)
  }
  public static func database(_ name: String) -> Subject { Subject(.database, database: name) }
  public static let server = Subject(.server)

  /// The subject's kind in one word, as in the JSON form.
  public var kindName: String {
    switch kind {
    case .query: "query"
    case .plan: "plan"
    case .table: "table"
    case .index: "index"
    case .setting: "setting"
    case .database: "database"
    case .server: "server"
    }
  }

  /// For people: `query 0123456789abcdef`, `index orders_pkey on orders`, `setting work_mem`.
  public var description: String {
    switch kind {
    case .query(let fingerprint): "query \(fingerprint)"
    case .plan(let shape): "plan \(Fingerprint(shape))"
    case .table(let table): "table \(table)"
    case .index(let index, let table): "index \(index) on \(table)"
    case .setting(let name): "setting \(name)"
    case .database: "database \(SQLSpelling.identifier(database))"
    case .server: "server"
    }
  }

  /// The text that identifies the subject in a finding's id: unambiguous and never localised.
  var key: String {
    let name =
      switch kind {
      case .query(let fingerprint): fingerprint.description
      case .plan(let shape): Fingerprint(shape).description
      case .table(let table): table.sql
      case .index(let index, let table): index.sql + "/" + table.sql
      case .setting(let name): name
      case .database, .server: ""
      }
    return kindName + ":" + SQLSpelling.identifier(database) + ":" + name
  }
}

extension Subject: CustomStringConvertible, Comparable {
  public static func < (a: Subject, b: Subject) -> Bool { a.key < b.key }
}

extension Subject: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, database, fingerprint
    case shapeHash = "shape_hash"
    case schema, table, index, setting
    case indexSchema = "index_schema"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    database = try values.decodeIfPresent(String.self, forKey: .database) ?? ""

    func hash(_ key: CodingKeys) throws -> UInt64 {
      guard let value = Fingerprint(hex: try values.decode(String.self, forKey: key)) else {
        throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: "not a hexadecimal hash")
      }
      return value.value
    }
    func table() throws -> RelationName {
      RelationName(
        schema: try values.decode(String.self, forKey: .schema), name: try values.decode(String.self, forKey: .table))
    }

    switch try values.decode(String.self, forKey: .kind) {
    case "query": kind = .query(Fingerprint(try hash(.fingerprint)))
    case "plan": kind = .plan(try hash(.shapeHash))
    case "table": kind = .table(try table())
    case "index":
      let index = RelationName(
        schema: try values.decode(String.self, forKey: .indexSchema),
        name: try values.decode(String.self, forKey: .index))
      kind = .index(index, on: try table())
    case "setting": kind = .setting(try values.decode(String.self, forKey: .setting))
    case "database": kind = .database
    case "server": kind = .server
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: values, debugDescription: "no such subject kind: \(other)")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kindName, forKey: .kind)
    if !database.isEmpty { try values.encode(database, forKey: .database) }
    switch kind {
    case .query(let fingerprint): try values.encode(fingerprint.description, forKey: .fingerprint)
    case .plan(let shape): try values.encode(Fingerprint(shape).description, forKey: .shapeHash)
    case .table(let table):
      try values.encode(table.schema, forKey: .schema)
      try values.encode(table.name, forKey: .table)
    case .index(let index, let table):
      try values.encode(index.schema, forKey: .indexSchema)
      try values.encode(index.name, forKey: .index)
      try values.encode(table.schema, forKey: .schema)
      try values.encode(table.name, forKey: .table)
    case .setting(let name): try values.encode(name, forKey: .setting)
    case .database, .server: break
    }
  }
}

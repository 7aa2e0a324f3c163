import Model

/// Parameters as a JSON array: a string for a value, `null`, `{"begins": …}` for one that was cut, `{"hash": …}` for one
/// that was not kept.
enum SampleParameters {
  private struct Cut: Codable { var begins: String }
  private struct Hash: Codable { var hash: String }
  private enum Item: Codable {
    case null
    case text(String)
    case cut(Cut)
    case hash(Hash)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let hash = try? container.decode(Hash.self) {
        self = .hash(hash)
      } else {
        self = .cut(try container.decode(Cut.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .null: try container.encodeNil()
      case .text(let text): try container.encode(text)
      case .cut(let cut): try container.encode(cut)
      case .hash(let hash): try container.encode(hash)
      }
    }
  }

  static func encode(_ parameters: [ExecutionSample.Parameter]) throws -> String {
    if parameters.isEmpty { return "" }
    return try JSON.text(
      parameters.map { parameter -> Item in
        switch parameter {
        case .null: .null
        case .text(let text): .text(text)
        case .truncated(let text): .cut(Cut(begins: text))
        case .hashed(let hash): .hash(Hash(hash: hash))
        }
      })
  }

  static func decode(_ text: String) throws -> [ExecutionSample.Parameter] {
    if text.isEmpty { return [] }
    return try JSON.value([Item].self, text).map { item in
      switch item {
      case .null: .null
      case .text(let text): .text(text)
      case .cut(let cut): .truncated(cut.begins)
      case .hash(let hash): .hashed(hash.hash)
      }
    }
  }
}

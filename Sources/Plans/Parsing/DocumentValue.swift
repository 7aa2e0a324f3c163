/// A value of an XML or YAML document, before it is known what it means.
indirect enum DocumentValue {
  case scalar(String)
  case list([DocumentValue])
  case object([(name: String, value: DocumentValue)])

  var text: String {
    if case .scalar(let text) = self { text } else { "" }
  }

  /// The parts of a group, whether the format names them (XML) or not (YAML).
  var elements: [DocumentValue] {
    switch self {
    case .scalar: []
    case .list(let items): items
    case .object(let members): members.map(\.value)
    }
  }

  var members: [(name: String, value: DocumentValue)] {
    if case .object(let members) = self { members } else { [] }
  }

  var texts: [String] { elements.map(\.text) }

  /// The member of that name; names are compared as XML tags, so `Trigger Name` is `Trigger-Name`.
  subscript(name: String) -> DocumentValue? {
    let tag = Self.tag(name)
    return members.first { Self.tag($0.name) == tag }?.value
  }

  /// A key as an XML tag: every character that a tag may not hold becomes a hyphen.
  /// Source: src/backend/commands/explain.c, `ExplainXMLTag`.
  static func tag(_ name: String) -> String {
    String(
      decoding: name.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          byte
        default: UInt8(ascii: "-")
        }
      }, as: UTF8.self)
  }
}

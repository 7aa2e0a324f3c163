import Foundation
import Model

/// One line of a list of indexes: `label | database | table | method | keys | options`.
///
/// Keys are separated by semicolons, an expression stands in parentheses, and an operator class and `desc` may follow.
/// Options, separated by bars, are `include=a,b`, `with=name=value,…`, `where=…` and `unique`.
struct IndexSpecification {
  var label: String
  var database: String
  var definition: IndexDefinition

  init?(_ line: String) {
    let fields = line.split(separator: "|", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard fields.count >= 5, !line.hasPrefix("#") else { return nil }
    label = fields[0]
    database = fields[1]
    let table = fields[2].split(separator: ".").map(String.init)
    definition = IndexDefinition(
      table: RelationName(schema: table.count > 1 ? table[0] : "public", name: table.last ?? ""),
      method: .init(fields[3]), keys: fields[4].split(separator: ";").map { Self.key(String($0)) })
    for option in fields.dropFirst(5) where !option.isEmpty {
      if option == "unique" { definition.isUnique = true }
      if let columns = option.value(of: "include=") {
        definition.included = columns.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      if let predicate = option.value(of: "where=") { definition.predicate = predicate }
      if let parameters = option.value(of: "with=") {
        for parameter in parameters.split(separator: ",") {
          let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
          if parts.count == 2 { definition.parameters[parts[0]] = parts[1] }
        }
      }
    }
  }

  static func read(_ path: String) throws -> [IndexSpecification] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { Self(String($0)) }
  }

  private static func key(_ text: String) -> IndexDefinition.Key {
    var rest = text.trimmingCharacters(in: .whitespaces)
    let descending = rest.hasSuffix(" desc")
    if descending { rest = String(rest.dropLast(5)) }
    if rest.hasPrefix("("), let end = rest.lastIndex(of: ")") {
      let after = rest[rest.index(after: end)...].trimmingCharacters(in: .whitespaces)
      return IndexDefinition.Key(
        .expression(String(rest[rest.index(after: rest.startIndex)..<end])), operatorClass: after.isEmpty ? nil : after,
        descending: descending)
    }
    let words = rest.split(separator: " ").map(String.init)
    return IndexDefinition.Key(
      .column(words[0]), operatorClass: words.count > 1 ? words[1] : nil, descending: descending)
  }
}

extension String {
  fileprivate func value(of prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}

/// The names in a `search_path` setting as the server prints it: `"$user", public`.
public enum SearchPath {
  public static func names(_ text: String) -> [String] {
    var names: [String] = []
    var current = ""
    var isQuoted = false
    var isInside = false
    var scalars = text.unicodeScalars.makeIterator()
    var pending = scalars.next()
    while let scalar = pending {
      pending = scalars.next()
      if isInside {
        if scalar == "\"" {
          if pending == "\"" {
            current.unicodeScalars.append("\"")
            pending = scalars.next()
          } else {
            isInside = false
          }
        } else {
          current.unicodeScalars.append(scalar)
        }
      } else if scalar == "\"" {
        isInside = true
        isQuoted = true
      } else if scalar == "," {
        if isQuoted || !current.isEmpty { names.append(current) }
        current = ""
        isQuoted = false
      } else if !scalar.properties.isWhitespace {
        current.unicodeScalars.append(scalar)
      }
    }
    if isQuoted || !current.isEmpty { names.append(current) }
    return names
  }
}

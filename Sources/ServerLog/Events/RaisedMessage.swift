/// A message whose words a user's code chose: what RAISE, ASSERT or another language's function says may be anything, so
/// no mask makes a shape of it. Its shape says where it comes from instead.
///
/// The place is the first line of CONTEXT, `PL/pgSQL function f(integer) line 3 at RAISE` (`plpgsql_exec_error_callback`
/// in src/pl/plpgsql/src/pl_exec.c), which every format of the log has alike; names of statements are never translated.
enum RaisedMessage {
  /// The shape of such a message; nil where the server chose the words.
  /// - Parameters:
  ///   - context: CONTEXT, decoded; empty where the log has none (`log_error_verbosity = terse`).
  ///   - sqlState: empty where the log does not say it.
  static func shape(context: String, sqlState: String) -> String? {
    let place = context.prefix { $0 != "\n" }
    if place.holds("PL/pgSQL") {
      for statement in ["RAISE", "ASSERT"] where place.hasSuffix(statement) {
        guard place.hasPrefix(function), place.hasSuffix(" at " + statement) else { return bounded(place) }
        return bounded("\(statement) in \(place.dropLast(" at ".count + statement.count))")
      }
    }
    // Their functions raise what they like, and have no name for it; Python's may show where it was first.
    for language in ["PL/Perl", "PL/Python", "PL/Tcl"]
    where place.holds(language) || place.hasPrefix("Traceback ") && context.holds(language) {
      return "message of a \(language) function"
    }
    guard !sqlState.isEmpty, sqlState == "P0001" || sqlState == "P0004" || !classes.contains(sqlState.prefix(2)) else {
      return nil
    }
    // A function without a CONTEXT, or one in a language that we do not know.
    return place.hasPrefix(function) ? bounded("RAISE in \(place)") : "message of a RAISE, SQLSTATE \(sqlState)"
  }

  private static let function = "PL/pgSQL function "

  private static func bounded(_ shape: some StringProtocol) -> String { String(shape.prefix(2_000)) }

  /// The classes of SQLSTATE that the server itself uses (src/backend/utils/errcodes.txt).
  private static let classes: Set<Substring> = [
    "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22", "23", "24", "25",
    "26", "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "44", "53", "54", "55", "57",
    "58",
    "72", "F0", "HV", "P0", "XX",
  ]
}

extension StringProtocol {
  fileprivate func holds(_ phrase: String) -> Bool { utf8.count >= phrase.utf8.count && contains(phrase) }
}

/// Who connected to what, as `log_connections` says it: `connection authorized: user=alice database=shop
/// application_name=psql SSL enabled (…)` (`PerformAuthentication` in src/backend/utils/init/postinit.c), in the words
/// of the server's message catalogues. The parts are translated one by one.
struct ConnectionNames: Equatable {
  var user = ""
  var database = ""
  var application = ""

  private struct Words {
    var user: String
    var database: String
    var application = " application_name="
    /// What may follow the names.
    var endings = [" SSL enabled (", " GSS ("]
  }

  /// The names in a message of that kind; nil for another one.
  /// - Complexity: O(length of the message).
  static func read(_ message: UnsafeRawBufferPointer, _ tables: [MessageTable]) -> ConnectionNames? {
    for table in tables {
      guard let words = words[table.language], message.starts(with: words.user.utf8) else { continue }
      var rest = Substring(decoding: message.dropFirst(words.user.utf8.count), as: UTF8.self)
      for ending in words.endings {
        if let range = rest.lastRange(of: ending) { rest = rest[..<range.lowerBound] }
      }
      var names = ConnectionNames()
      // libpq's application name may hold anything, so the first mark ends what stands before it.
      guard let database = rest.firstRange(of: words.database) else { return nil }
      names.user = String(rest[..<database.lowerBound])
      rest = rest[database.upperBound...]
      if let application = rest.firstRange(of: words.application) {
        names.application = String(rest[application.upperBound...])
        rest = rest[..<application.lowerBound]
      }
      names.database = String(rest)
      return names
    }
    return nil
  }

  private static let words: [String: Words] = [
    "en": Words(user: "connection authorized: user=", database: " database="),
    "de": Words(
      user: "Verbindung autorisiert: Benutzer=", database: " Datenbank=", endings: [" SSL an (", " GSS ("]),
    "es": Words(
      user: "conexión autorizada: usuario=", database: " base_de_datos=", application: " nombre_de_aplicación=",
      endings: [" SSL habilitado (", " GSS ("]),
    "fr": Words(
      user: "connexion autorisée : utilisateur=", database: " base de données ", endings: [" SSL activé (", " GSS ("]),
    "it": Words(
      user: "connessione autorizzata: utente=", database: " database ",
      endings: [" connessione SSL abilitata (", " GSS ("]),
    "ja": Words(user: "接続の認証完了: ユーザー=", database: " データベース=", endings: [" SSL有効(", " GSS ("]),
    "ka": Words(
      user: "შეერთება ავტორიზებულია: მომხმარებელი=", database: " ბაზა=", application: " აპლიკაციის_სახელი=",
      endings: [" SSL ჩართულია (", " GSS ("]),
    "ko": Words(user: "연결 인증: user=", database: " database=", endings: [" SSL 활성화 (", " GSS ("]),
    "ru": Words(
      user: "подключение авторизовано: пользователь=", database: " база=", application: " приложение=",
      endings: [" SSL включён (", " GSS ("]),
    // The catalogue has no blank before the database.
    "sv": Words(
      user: "anslutning auktoriserad: användare=", database: "databas=", application: " applikationsnamn=",
      endings: ["SSL påslagen (", " GSS (", "GSS ("]),
    "uk": Words(
      user: "підключення авторизовано: користувач=", database: " database=", endings: [" SSL активовано (", " GSS ("]),
    "zh_CN": Words(user: "connection authorized: user=", database: " database="),
  ]
}

extension Substring {
  fileprivate init(decoding bytes: Slice<UnsafeRawBufferPointer>, as encoding: UTF8.Type) {
    self = String(decoding: bytes, as: encoding)[...]
  }

  /// Where `text` stands last.
  fileprivate func lastRange(of text: String) -> Range<Index>? {
    var found: Range<Index>?
    var from = startIndex
    while let range = self[from...].firstRange(of: text) {
      found = range
      from = range.upperBound
    }
    return found
  }
}

/// What the server says when a reload of its configuration changed `log_line_prefix`:
/// `parameter "log_line_prefix" changed to "%m [%p] "` (`ProcessConfigFileInternal` in
/// src/backend/utils/misc/guc-file.l), in the words of its message catalogues.
///
/// The entry that says so has the new prefix already.
enum PrefixDeclaration {
  private struct Words {
    /// What stands around the new value.
    var changed: (before: String, behind: String)
    /// The setting is in no file any more, so its default holds.
    var reset: String
  }

  /// The prefix of PostgreSQL 10 and later without a setting.
  private static let standard = "%m [%p] "

  /// The new prefix; nil where the message is another one.
  static func read(_ message: UnsafeRawBufferPointer, _ tables: [MessageTable]) -> String? {
    let text = String(decoding: message, as: UTF8.self).drop(from: "\n")
    for table in tables {
      guard let words = words[table.language] else { continue }
      if text == words.reset { return standard }
      guard text.hasPrefix(words.changed.before), text.hasSuffix(words.changed.behind),
        text.utf8.count >= words.changed.before.utf8.count + words.changed.behind.utf8.count
      else { continue }
      return String(text.dropFirst(words.changed.before.count).dropLast(words.changed.behind.count))
    }
    return nil
  }

  private static let words: [String: Words] = [
    "en": Words(
      changed: (#"parameter "log_line_prefix" changed to ""#, "\""),
      reset: #"parameter "log_line_prefix" removed from configuration file, reset to default"#),
    "de": Words(
      changed: ("Parameter »log_line_prefix« auf »", "« gesetzt"),
      reset: "Parameter »log_line_prefix« wurde aus Konfigurationsdatei entfernt, wird auf Standardwert zurückgesetzt"),
    "es": Words(
      changed: ("el parámetro «log_line_prefix» fue cambiado a «", "»"),
      reset: "parámetro «log_line_prefix» eliminado del archivo de configuración, volviendo al valor por omisión"),
    "fr": Words(
      changed: ("paramètre « log_line_prefix » modifié par « ", " »"),
      reset: "paramètre « log_line_prefix » supprimé du fichier de configuration ;"),
    "it": Words(
      changed: (#"il parametro "log_line_prefix" è stato modificato a ""#, "\""),
      reset:
        #"il parametro "log_line_prefix" è stato rimosso dal file di configurazione, valore predefinito ripristinato"#),
    "ja": Words(
      changed: (#"パラメータ"log_line_prefix"は""#, #""に変更されました"#),
      reset: #"パラメーター"log_line_prefix"が設定ファイルから削除されました。デフォルト値に戻ります。"#),
    "ka": Words(
      changed: (#"პარამეტრი "log_line_prefix" შეიცვალა ""#, #""-ზე"#),
      reset: #"პარამეტრი "log_line_prefix" წაიშალა კონფიგურაციის ფაილიდან. დაბრუნდა ნაგულისხმევ მნიშვნელობაზე"#),
    "ko": Words(
      changed: (#""log_line_prefix" 매개 변수 값을 ""#, #""(으)로 바꿨음"#),
      reset: #"환경설정 파일에 "log_line_prefix" 매개 변수가 빠졌음, 초기값을 사용함"#),
    "ru": Words(
      changed: (#"параметр "log_line_prefix" принял значение ""#, "\""),
      reset: #"параметр "log_line_prefix" удалён из файла конфигурации, он принимает значение по умолчанию"#),
    "sv": Words(
      changed: (#"parameter "log_line_prefix" ändrad till ""#, "\""),
      reset: #"parameter "log_line_prefix" borttagen från konfigurationsfil, återställs till standard"#),
    "uk": Words(
      changed: (#"параметр "log_line_prefix" змінено на ""#, "\""),
      reset: #"параметр "log_line_prefix" видалений з файла конфігурації, значення скинуто до "за замовчуванням""#),
    "zh_CN": Words(
      changed: (#"参数 "log_line_prefix"被改为""#, "\""),
      reset: #"参数"log_line_prefix"已从配置文件中删除，重新设置为缺省"#),
  ]
}

extension String {
  /// What stands before the first `end`.
  fileprivate func drop(from end: Character) -> String { String(prefix { $0 != end }) }
}

/// Tones as ANSI escape sequences (ECMA-48 "select graphic rendition"), in the terminal's own sixteen colours.
public enum ANSIStyle {
  /// `text` in `tone`; unchanged where the output is not coloured.
  public static func styled(_ text: String, _ tone: Tone, isColoured: Bool) -> String {
    guard isColoured, let code = code(tone) else { return text }
    return "\u{1B}[" + code + "m" + text + "\u{1B}[0m"
  }

  private static func code(_ tone: Tone) -> String? {
    switch tone {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .good: "32"
    case .warning: "33"
    case .critical: "1;31"
    }
  }
}

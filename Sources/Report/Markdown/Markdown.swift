/// Markdown (GitHub's dialect) of texts that may hold anything.
public enum Markdown {
  /// `text` so that it reads as itself: on one line, no mark-up, no HTML.
  public static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in DisplayWidth.printable(text).unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "$": result += "\\" + String(scalar)
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `text` as inline code on one line. Empty text has no inline code and gives an empty string.
  public static func code(_ text: String, inTable: Bool = false) -> String {
    let line = DisplayWidth.printable(text)
    guard !line.isEmpty else { return "" }
    let fence = String(repeating: "`", count: longestRun(of: "`", in: line) + 1)
    let padding = line.hasPrefix("`") || line.hasSuffix("`") ? " " : ""
    // In a table GitHub wants a bar escaped also inside code, and takes the backslash away again.
    let body = inTable ? line.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") : line
    return fence + padding + body + padding + fence
  }

  /// `text` as a fenced block, whatever it holds.
  public static func codeBlock(_ text: String, language: String = "") -> String {
    let fence = String(repeating: "`", count: max(3, longestRun(of: "`", in: text) + 1))
    var body = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      body.append(scalar == "\n" || scalar == "\t" ? scalar : DisplayWidth.harmless(scalar))
    }
    return fence + language + "\n" + String(body) + (text.hasSuffix("\n") ? "" : "\n") + fence + "\n"
  }

  private static func longestRun(of character: Character, in text: String) -> Int {
    var longest = 0
    var run = 0
    for each in text {
      run = each == character ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}

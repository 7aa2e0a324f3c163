/// The marks that say a tone without colour, drawn once and used by reference.
enum HTMLIcon {
  static let definitions =
    "<svg class=\"defs\" aria-hidden=\"true\" width=\"0\" height=\"0\">"
    + "<symbol id=\"i-good\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"7\"/>"
    + "<path class=\"m\" d=\"M4.5 8.3l2.4 2.4 4.6-5\"/></symbol>"
    + "<symbol id=\"i-warning\" viewBox=\"0 0 16 16\"><path d=\"M8 1.2l7.2 13H.8z\"/>"
    + "<path class=\"m\" d=\"M8 6v4M8 12v.4\"/></symbol>"
    + "<symbol id=\"i-critical\" viewBox=\"0 0 16 16\"><path d=\"M5 1h6l4 4v6l-4 4H5l-4-4V5z\"/>"
    + "<path class=\"m\" d=\"M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2\"/></symbol>"
    + "<symbol id=\"i-unknown\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"7\"/>"
    + "<path class=\"m\" d=\"M6 6.2c0-2.6 4.2-2.6 4.2 0 0 1.6-2.2 1.6-2.2 3.2M8 12v.3\"/></symbol>"
    + "<symbol id=\"i-plain\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"7\"/>"
    + "<path class=\"m\" d=\"M8 7v5M8 4.2v.4\"/></symbol></svg>"

  static let unknown = use("i-unknown")

  static func markup(_ tone: Tone) -> String {
    switch tone {
    case .good: use("i-good")
    case .warning: use("i-warning")
    case .critical: use("i-critical")
    case .plain, .strong, .faint: use("i-plain")
    }
  }

  private static func use(_ name: String) -> String {
    "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#\(name)\"/></svg>"
  }
}

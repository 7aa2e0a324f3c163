/// Logs made for tests: the same entries as stderr and as csvlog, one execution each.
enum Lines {
  static func stderr(_ range: Range<Int>) -> [UInt8] {
    Array(range.map { "\(time($0)) UTC [\(pid($0))] alice@shop LOG:  \(message($0))\n" }.joined().utf8)
  }

  static func csv(_ range: Range<Int>) -> [UInt8] {
    Array(
      range.map { n in
        "\(time(n)) UTC,\"alice\",\"shop\",\(pid(n)),\"[local]\",6b0489f2.\(String(pid(n), radix: 16)),\(n / 7 + 1),"
          + "\"SELECT\",2026-11-23 18:46:10 UTC,3/0,0,LOG,00000,\"\(message(n))\",,,,,,,,,\"app\",\"client backend\",,\(n + 1)\n"
      }.joined().utf8)
  }

  private static func pid(_ n: Int) -> Int { 4_000 + n % 7 }

  private static func time(_ n: Int) -> String {
    func pad(_ value: Int, _ width: Int) -> String {
      String(repeating: "0", count: width - String(value).count) + String(value)
    }
    let second = n / 20
    return "2026-11-23 18:\(pad(second / 60, 2)):\(pad(second % 60, 2)).\(pad(n % 20 * 50, 3))"
  }

  private static func message(_ n: Int) -> String {
    "duration: \(n % 13).\(100 + n % 800) ms  statement: SELECT a, b FROM t\(n % 5) WHERE id = \(n)"
  }
}

import ArgumentParser
import Model

/// A duration as PostgreSQL's settings have it: a number with us, ms, s, min or h; without a unit milliseconds.
struct ShortTime: ExpressibleByArgument {
  let value: Microseconds

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let units: [String: Double] = ["us": 1, "ms": 1e3, "": 1e3, "s": 1e6, "min": 6e7, "h": 3.6e9]
    guard let number = Double(digits), let unit = units[String(argument.dropFirst(digits.count))],
      number * unit < 1e15
    else { return nil }
    value = Microseconds(Int64((number * unit).rounded()))
  }
}

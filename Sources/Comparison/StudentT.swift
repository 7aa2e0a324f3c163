import Foundation

/// Student's t distribution.
enum StudentT {
  /// The probability that |t| is at least as large by chance, with `degrees` of freedom (not necessarily whole).
  static func twoSided(_ t: Double, degrees: Double) -> Double {
    guard t.isFinite, degrees > 0 else { return t.isNaN ? 1 : 0 }
    return incompleteBeta(degrees / (degrees + t * t), a: degrees / 2, b: 0.5)
  }

  /// The regularised incomplete beta function, by the continued fraction of DLMF 8.17.22 in Lentz's form (Numerical
  /// Recipes, third edition, section 6.4).
  static func incompleteBeta(_ x: Double, a: Double, b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    // The fraction converges quickly below the mean only.
    if x > (a + 1) / (a + b + 2) { return 1 - front * fraction(1 - x, a: b, b: a) / b }
    return front * fraction(x, a: a, b: b) / a
  }

  private static func fraction(_ x: Double, a: Double, b: Double) -> Double {
    let tiny = 1e-300
    func nonzero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var result = d
    for m in 1...300 {
      let n = Double(m)
      for term in [
        n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n)),
        -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1)),
      ] {
        d = 1 / nonzero(1 + term * d)
        c = nonzero(1 + term / c)
        result *= d * c
      }
      if abs(d * c - 1) < 1e-15 { break }
    }
    return result
  }
}

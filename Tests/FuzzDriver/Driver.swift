import FuzzTargets
import Glibc

/// libFuzzer's entry points (https://llvm.org/docs/LibFuzzer.html). `PGASSAY_FUZZ_TARGET` names the parser.
private let target: FuzzTarget = {
  let name = getenv("PGASSAY_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError(
      "PGASSAY_FUZZ_TARGET is '\(name)'; it is one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

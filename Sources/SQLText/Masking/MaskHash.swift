/// A fast 64-bit hash of bytes, the same on every machine and in every run: masked keys and the fingerprints of
/// statements that do not parse are stored.
///
/// The construction is wyhash's (Wang Yi, wyhash final version 4, public domain): 16 bytes go through one 64×64→128
/// multiplication whose halves are folded by exclusive or.
enum MaskHash {
  private static let secret0: UInt64 = 0xa076_1d64_78bd_642f
  private static let secret1: UInt64 = 0xe703_7ed1_a0b4_28db
  private static let secret2: UInt64 = 0x8ebc_6af0_9c88_c6e3
  private static let secret3: UInt64 = 0x5899_65cc_7537_4cc3

  @inline(__always)
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.low ^ product.high
  }

  @inline(__always)
  private static func read8(_ p: UnsafePointer<UInt8>, _ i: Int) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(p + i).loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  private static func read4(_ p: UnsafePointer<UInt8>, _ i: Int) -> UInt64 {
    UInt64(UInt32(littleEndian: UnsafeRawPointer(p + i).loadUnaligned(as: UInt32.self)))
  }

  static func hash(_ p: UnsafePointer<UInt8>, count: Int, seed: UInt64) -> UInt64 {
    var seed = seed ^ secret0
    var a: UInt64
    var b: UInt64
    if count <= 16 {
      if count >= 4 {
        let middle = (count >> 3) << 2
        a = read4(p, 0) << 32 | read4(p, middle)
        b = read4(p, count - 4) << 32 | read4(p, count - 4 - middle)
      } else if count > 0 {
        a = UInt64(p[0]) << 16 | UInt64(p[count >> 1]) << 8 | UInt64(p[count - 1])
        b = 0
      } else {
        a = 0
        b = 0
      }
    } else {
      var i = 0
      if count > 48 {
        var seed1 = seed
        var seed2 = seed
        while count - i > 48 {
          seed = mix(read8(p, i) ^ secret1, read8(p, i + 8) ^ seed)
          seed1 = mix(read8(p, i + 16) ^ secret2, read8(p, i + 24) ^ seed1)
          seed2 = mix(read8(p, i + 32) ^ secret3, read8(p, i + 40) ^ seed2)
          i += 48
        }
        seed ^= seed1 ^ seed2
      }
      while count - i > 16 {
        seed = mix(read8(p, i) ^ secret1, read8(p, i + 8) ^ seed)
        i += 16
      }
      a = read8(p, count - 16)
      b = read8(p, count - 8)
    }
    let product = (a ^ secret1).multipliedFullWidth(by: b ^ seed)
    return mix(product.low ^ secret0 ^ UInt64(count), product.high ^ secret1)
  }
}

extension MaskHash {
  /// What stands for a text without a byte.
  static let empty: UInt64 = secret0
}

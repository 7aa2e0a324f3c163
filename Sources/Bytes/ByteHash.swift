/// A fast 64-bit hash of bytes, the same on every machine and in every run, so that it may be stored.
///
/// The construction is wyhash's (Wang Yi, wyhash final version 4, public domain): 16 bytes go through one 64×64→128
/// multiplication whose halves are folded by exclusive or.
public enum ByteHash {
  @usableFromInline static let secret0: UInt64 = 0xa076_1d64_78bd_642f
  @usableFromInline static let secret1: UInt64 = 0xe703_7ed1_a0b4_28db
  @usableFromInline static let secret2: UInt64 = 0x8ebc_6af0_9c88_c6e3
  @usableFromInline static let secret3: UInt64 = 0x5899_65cc_7537_4cc3

  /// Mixes two numbers into one.
  @inlinable
  @inline(__always)
  public static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.low ^ product.high
  }

  /// The hash of two hashes, in their order.
  @inlinable
  @inline(__always)
  public static func combine(_ a: UInt64, _ b: UInt64) -> UInt64 { mix(a ^ secret1, b ^ secret2) }

  @inlinable
  @inline(__always)
  static func read8(_ p: UnsafeRawPointer, _ i: Int) -> UInt64 {
    UInt64(littleEndian: p.loadUnaligned(fromByteOffset: i, as: UInt64.self))
  }

  @inlinable
  @inline(__always)
  static func read4(_ p: UnsafeRawPointer, _ i: Int) -> UInt64 {
    UInt64(UInt32(littleEndian: p.loadUnaligned(fromByteOffset: i, as: UInt32.self)))
  }

  @inlinable
  public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    guard let p = bytes.baseAddress else {
      // No bytes hash alike, wherever they are.
      let product = secret1.multipliedFullWidth(by: seed ^ secret0)
      return mix(product.low ^ secret0, product.high ^ secret1)
    }
    return hash(p, count: bytes.count, seed: seed)
  }

  @inlinable
  public static func hash(_ p: UnsafeRawPointer, count: Int, seed start: UInt64 = 0) -> UInt64 {
    var seed = start ^ secret0
    var a: UInt64
    var b: UInt64
    if count <= 16 {
      if count >= 4 {
        let middle = (count >> 3) << 2
        a = read4(p, 0) << 32 | read4(p, middle)
        b = read4(p, count - 4) << 32 | read4(p, count - 4 - middle)
      } else if count > 0 {
        func byte(_ i: Int) -> UInt64 { UInt64(p.load(fromByteOffset: i, as: UInt8.self)) }
        a = byte(0) << 16 | byte(count >> 1) << 8 | byte(count - 1)
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
    return mix(product.low ^ secret0 ^ UInt64(truncatingIfNeeded: count), product.high ^ secret1)
  }
}

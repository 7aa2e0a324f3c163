import Testing

@testable import pgassay

@Suite struct ProcessTitleTests {
  @Test(arguments: [
    ("pgassay\0capture\0postgresql://me:hunter2@db1/shop\0", "pgassay\0capture\0postgresql://me:*******@db1/shop\0"),
    ("postgresql://me:p@ss:w/rd@db1/shop", "postgresql://me:*********@db1/shop"),
    ("postgresql://me:p@s@db1/shop?password=x&y=1", "postgresql://me:***@db1/shop?password=*&y=1"),
    ("host=a password=hunter2 dbname=b", "host=a password=******* dbname=b"),
    ("PASSWORD = 'hun\\'ter 2' dbname=b", "PASSWORD = '**********' dbname=b"),
    ("password=hunter2\0--every\060s\0", "password=*******\0--every\060s\0"),
    ("password='never closed\0next", "password='************\0next"),
    ("postgresql://me@db1/shop", "postgresql://me@db1/shop"),
    ("sslpassword=k host=b", "sslpassword=* host=b"),
    ("password", "password"), ("password=", "password="), ("", ""),
  ])
  func `passwords become stars, and nothing else changes`(text: String, expected: String) {
    var bytes = Array(text.utf8)
    for range in ProcessTitle.passwords(in: bytes) { for place in range { bytes[place] = UInt8(ascii: "*") } }
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }
}

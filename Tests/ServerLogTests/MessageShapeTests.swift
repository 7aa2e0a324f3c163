import Testing

@testable import ServerLog

struct MessageShapeTests {
  /// Messages of real servers: places in the WAL are hexadecimal, so that digits alone do not mask them.
  @Test(
    arguments: [
      ("requested WAL segment 000000010000000000000002 has already been removed", nil),
      (
        "requested starting point 0/16B3748 is ahead of the WAL flush position of this server 0/F000000",
        "requested starting point #/# is ahead of the WAL flush position of this server #/#"
      ),
      (
        "xlog flush request AB/C0DE is not satisfied --- flushed only to 0/16B3748",
        "xlog flush request #/# is not satisfied --- flushed only to #/#"
      ),
      ("WAL file is from different database system: 0/DEADBEEF", "WAL file is from different database system: #/#"),
      ("value ADD/DROP and 1/2/3 and a/b", "value ADD/DROP and #/#/# and a/b"),
      ("and/or 12/2026", "and/or #/#"),
    ] as [(String, String?)])
  func placesInTheLogAreMasked(_ message: String, _ shape: String?) {
    #expect(MessageShape.mask(message) == shape ?? "requested WAL segment # has already been removed")
  }

  /// An offset that is written as a number is exact; a name is what the server's default makes of it.
  @Test func numericZonesAreNoAssumptions() {
    let zones = ZoneOffsets(given: [:])
    #expect(zones.offset(of: ZoneOffsets.key(Array("+02".utf8))) == 7_200)
    #expect(zones.offset(of: ZoneOffsets.key(Array("-0330".utf8))) == -12_600)
    #expect(zones.assumptions == [])
    #expect(zones.offset(of: ZoneOffsets.key(Array("IST".utf8))) == 7_200)
    #expect(zones.assumptions == ["IST"])
  }
}

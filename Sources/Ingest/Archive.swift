/// Content that holds logs in a way of its own: read as text it would be taken for damaged logs, or for one log where
/// there are several.
public enum Archive: Sendable, Equatable {
  case tar, zip, utf16

  /// Tells by the first bytes of decompressed content.
  init?(_ head: [UInt8]) {
    // POSIX.1-2024, pax, "ustar Interchange Format": the magic stands behind name, mode, owner, size, time and link.
    if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) {
      self = .tar
    } else if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      // APPNOTE.TXT of the ZIP format, 4.3.7: local file header signature.
      self = .zip
    } else if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      // The byte order mark, as PowerShell's `>` writes it.
      self = .utf16
    } else {
      return nil
    }
  }

  var sentence: String {
    switch self {
    case .tar:
      "is a tar archive: unpack it (`tar -xf`, into a directory of its own) and give the directory"
    case .zip: "is a zip archive: unpack it (`unzip`, into a directory of its own) and give the directory"
    case .utf16: "is text in UTF-16: turn it into UTF-8 first (`iconv -f UTF-16 -t UTF-8`)"
    }
  }
}

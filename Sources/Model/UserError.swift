/// An error that can be shown to the user as it is: what happened, where, and what to do about it.
///
/// Every error that a room throws across its border conforms; the command prints `sentence` after `pgassay: ` on
/// standard error and exits with code 2.
public protocol UserError: Error, Sendable, CustomStringConvertible {
  /// One clear sentence (two where the second says what to do), without a trailing newline.
  var sentence: String { get }
}

extension UserError {
  public var description: String { sentence }
}

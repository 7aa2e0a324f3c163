/// A place in a wrapper's file from which on it can be unwrapped without what stands before.
public struct UnwrappingPlace: Sendable, Equatable {
  /// Bytes of the file before it.
  public var offset: Int64 = 0
  /// The number of the line there, from one.
  public var line: Int64 = 1
  /// Bytes of the unwrapped content before it.
  public var written: Int64 = 0

  public init() {}
}

/// The places that the unwrapping of a file passed last, for the next reading when it has grown. One thread at a time.
public final class UnwrappingPlaces {
  private var places: [UnwrappingPlace] = []
  private static let limit = 64

  public init() {}

  func add(_ place: UnwrappingPlace) {
    guard place.offset > places.last?.offset ?? 0 else { return }
    if places.count >= UnwrappingPlaces.limit { places.removeFirst() }
    places.append(place)
  }

  public func removeAll() { places = [] }

  /// The nearest place with no more than so many bytes of the content before it; the ones behind it are forgotten.
  public func goBack(before written: Int64) -> UnwrappingPlace? {
    while let last = places.last, last.written > written { places.removeLast() }
    return places.last
  }
}

/// What the end of a wrapper's file means for a message that other records of its process may go on with.
public enum UnwrappingEnd: Sendable {
  /// More is being written at this moment.
  case growing
  /// Nothing was written for a while: all is whole but, perhaps, what the last record belongs to.
  case resting
  /// Nothing can follow.
  case final
}

import Bytes
import Model
import ServerLog

/// How the content of a source is taken out of what carried it: the wrappers, the outermost first.
struct Unwrapping {
  var layers: [LogWrapper] = []
  /// Whether the innermost wrapper's time and process stand in for those that the server's prefix leaves out.
  var stamps = false
  /// No entry is later: the file was not written after it.
  let reference: Timestamp
  /// What the end of the file means.
  var end: UnwrappingEnd
  /// What was found beside the server's log, in the wrappers from the outermost on.
  var tallies: [WrapperTally] = []
  /// The places from which a later reading can go on, as the last one passed them.
  private let places = UnwrappingPlaces()

  init(reference: Timestamp, end: UnwrappingEnd) {
    self.reference = reference
    self.end = end
  }

  /// Wrappers inside each other that are looked for: a line of a container's log that holds a line of syslog.
  private static let limit = 3

  var isEmpty: Bool { layers.isEmpty }

  /// Finds the wrappers of a source.
  /// - Parameters:
  ///   - head: the first bytes; all there are with `isWhole`.
  ///   - labels: whether names in front of lines count as a wrapper.
  static func detect(
    _ head: [UInt8], isWhole: Bool, labels: Bool, reference: Timestamp, end: UnwrappingEnd
  ) -> (Unwrapping, content: [UInt8]) {
    var result = Unwrapping(reference: reference, end: end)
    var content = head
    if labels, let wrapper = LogWrapper.detectLabels(content) { content = result.add(wrapper, content, isWhole) }
    while result.layers.count < Unwrapping.limit, let wrapper = LogWrapper.detect(content) {
      content = result.add(wrapper, content, isWhole)
    }
    return (result, content)
  }

  private mutating func add(_ wrapper: LogWrapper, _ content: [UInt8], _ isWhole: Bool) -> [UInt8] {
    layers.append(wrapper)
    tallies.append(WrapperTally())
    return wrapper.unwrapped(content, reference: reference, isWhole: isWhole && end == .final)
  }

  /// A sample taken out of all wrappers.
  func unwrapped(_ head: [UInt8], isWhole: Bool) -> [UInt8] {
    var content = head
    for (i, wrapper) in layers.enumerated() {
      content = wrapper.unwrapped(
        content, stamps: stamps && i == layers.count - 1, reference: reference, isWhole: isWhole && end == .final)
    }
    return content
  }

  /// The content that `source`, which stands at its beginning, carries.
  func open(_ source: any ByteSource) -> any ByteSource {
    var source = source
    places.removeAll()
    for (i, wrapper) in layers.enumerated() {
      tallies[i].reset()
      source = UnwrappedByteSource(
        source, wrapper, stamps: stamps && i == layers.count - 1, reference: reference, end: end,
        places: layers.count == 1 ? places : nil, tally: tallies[i])
    }
    return source
  }

  /// The content of a file that is no longer than when it was read last, from the nearest place at or before `offset` of
  /// it, and how many bytes of content stand before that place. Nil where a reading has to begin at the beginning: after
  /// a restart, and where wrappers are inside each other.
  func resume(_ file: FileByteSource, before offset: Int64) -> (source: any ByteSource, written: Int64)? {
    guard layers.count == 1, let place = places.goBack(before: offset), file.seek(to: place.offset) else { return nil }
    tallies[0].rewind()
    let unwrapped = UnwrappedByteSource(
      file, layers[0], stamps: stamps, reference: reference, end: end, from: place, places: places, tally: tallies[0])
    return (unwrapped, place.written)
  }

  /// What stood beside the server's log before `offset` of the content, by reason. Of wrappers around others it is
  /// known only at the end, with nil.
  func counts(before offset: Int64?) -> [String: Int64] {
    var result: [String: Int64] = [:]
    for (i, tally) in tallies.enumerated() where offset == nil || i == tallies.count - 1 {
      for (reason, count) in tally.counts(before: offset) { result[reason, default: 0] += count }
    }
    return result
  }

  /// Whether a wrapper held back what stands at the end of the source.
  var isWaiting: Bool { tallies.contains(where: \.isWaiting) }

  var examples: [String] { tallies.flatMap(\.examples) }

  /// A format's name with what it came in: `stderr/syslog "%m [%p] "`.
  func name(_ format: LogFormat) -> String {
    guard !layers.isEmpty else { return format.name }
    let parts = format.name.split(separator: " ", maxSplits: 1)
    var name = ([String(parts[0])] + layers.map(\.name)).joined(separator: "/")
    if parts.count > 1 {
      // The time and the process that stand in for the prefix's own are ours.
      name += " " + (stamps ? "\"" + parts[1].dropFirst(1 + Unwrapping.stamp.count) + " behind its time" : parts[1])
    }
    return name
  }

  /// What the stamps look like.
  static let stamp = "%m [%p] "
}

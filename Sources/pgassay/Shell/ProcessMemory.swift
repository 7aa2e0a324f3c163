import CMalloc

/// How the process gives memory back.
enum ProcessMemory {
  /// glibc keeps an arena of freed memory for each thread, and what it learns from one large allocation makes it keep
  /// the next ones too (`M_MMAP_THRESHOLD` in mallopt(3)). A log with a few huge statements would leave the process
  /// large for good; here what was large goes back to the system at once.
  static func limit() {
    mallopt(M_ARENA_MAX, 2)
    mallopt(M_MMAP_THRESHOLD, 1 << 20)
    mallopt(M_TRIM_THRESHOLD, 2 << 20)
  }
}

import Model
import Testing

@testable import SQLText

@Suite struct StatementReaderTests {
  func read(_ reader: inout StatementReader, _ text: String, isTruncated: Bool = false) -> StatementReader.Reading {
    Array(text.utf8).withUnsafeBytes { reader.read($0, isTruncated: isTruncated) }
  }

  @Test func `each fingerprint's text is handed out once`() {
    let catalog = StatementCatalog()
    var reader = StatementReader(catalog)
    var second = StatementReader(catalog)
    let a = read(&reader, "select * from t where a = 1").known
    #expect(read(&reader, "SELECT * FROM t WHERE a = 2").known == a)
    #expect(read(&second, "select * from t where a = 'x'").known == a)
    let b = read(&second, "update t set a = 1").known
    #expect(b.kind == .update)
    let texts = catalog.takeNewTexts()
    #expect(Set(texts.map(\.fingerprint)) == [a.fingerprint, b.fingerprint])
    #expect(texts.map(\.fingerprint) == texts.map(\.fingerprint).sorted())
    _ = read(&reader, "select * from t where a = 3")
    #expect(catalog.takeNewTexts().isEmpty)
  }

  @Test func `a truncated text is not mistaken for a whole one`() {
    var reader = StatementReader(StatementCatalog())
    let whole = read(&reader, "select * from t where a = 1 and b").known
    let cut = read(&reader, "select * from t where a = 1 and b", isTruncated: true).known
    #expect(whole.grammar == .parsed)
    #expect(cut.grammar == .masked)
    #expect(whole.fingerprint != cut.fingerprint)
  }

  @Test func `more shapes than the tables hold are still told apart`() {
    let catalog = StatementCatalog(keyLimit: 100)
    var reader = StatementReader(catalog)
    let first = (0..<1_500).map { read(&reader, "select c\($0)x from t").known.fingerprint }
    let second = (0..<1_500).map { read(&reader, "select c\($0)x from t").known.fingerprint }
    #expect(first == second)
    #expect(Set(first).count == 1_500)
    #expect(catalog.takeNewTexts().count == 1_500)
  }

  @Test func `readers work at once`() async {
    let catalog = StatementCatalog()
    let results = await withTaskGroup(of: [Fingerprint].self) { group in
      for _ in 0..<4 {
        group.addTask {
          var reader = StatementReader(catalog)
          return (0..<2_000).map { i in
            Array(Corpus.all[i % Corpus.all.count].utf8).withUnsafeBytes { reader.read($0).known.fingerprint }
          }
        }
      }
      return await group.reduce(into: [[Fingerprint]]()) { $0.append($1) }
    }
    #expect(Set(results).count == 1)
  }
}

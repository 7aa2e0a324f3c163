internal import Bytes
public import Model

/// Takes a statement apart: which relation is asked for what.
///
/// ```swift
/// let analyzer = StatementAnalyzer(columns: { catalog.columns(of: $0) })
/// let analysis = try analyzer.analyze("select * from orders where customer_id = 7 order by created_at desc limit 5")
/// analysis.uses[0].conditions     // customer_id = 7
/// ```
public struct StatementAnalyzer: Sendable {
  /// The columns of a relation as the statement names it; nil for a relation that is not known.
  public typealias ColumnLookup = @Sendable (RelationName) -> [String]?
  /// The query of a view as the statement names it; nil for anything but a view.
  public typealias ViewLookup = @Sendable (RelationName) -> String?

  let columns: ColumnLookup
  let view: ViewLookup

  private static let sizeLimit = 256 << 10

  public init(columns: @escaping ColumnLookup, view: @escaping ViewLookup = { _ in nil }) {
    self.columns = columns
    self.view = view
  }

  public func analyze(_ text: String) throws(AnalysisError) -> StatementAnalysis {
    var builder = AnalysisBuilder(columns: columns, view: view)
    try builder.addStatement(Self.tree(text), text: text)
    return builder.finish()
  }

  /// libpg_query's tree of the one query in `text`.
  static func tree(_ text: String) throws(AnalysisError) -> JSONTree {
    guard text.utf8.count <= sizeLimit else { throw .tooLarge(bytes: text.utf8.count) }
    guard !text.utf8.contains(0) else { throw .syntax("a zero byte") }
    let document: [UInt8]
    switch ParserThread.shared.ask(.parse, text) {
    case .tree(let tree): document = tree
    case .refused(let message): throw .syntax(message)
    case .fingerprint: throw .notOneQuery
    }
    let json: JSONTree
    switch document.withUnsafeBytes({ bytes in Self.read(bytes) }) {
    case .success(let tree): json = tree
    case .failure(let error): throw error.reason == .tooDeep ? .tooDeep : .syntax(error.description)
    }
    guard let statements = json["stmts"]?.elements, statements.count == 1, let statement = statements[0]["stmt"] else {
      throw .notOneQuery
    }
    return statement
  }

  private static func read(_ bytes: UnsafeRawBufferPointer) -> Result<JSONTree, JSONError> {
    Result { () throws(JSONError) in try JSONTree(parsing: bytes, depthLimit: 900) }
  }
}

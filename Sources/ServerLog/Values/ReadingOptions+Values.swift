public import Model

extension ReadingOptions {
  /// A plan's document as the choice of values lets it be stored.
  public func stored(_ document: String, _ format: PlanSample.Format) -> String {
    ValuePolicy(mode: parameters, salt: salt).plan(document, format)
  }
}

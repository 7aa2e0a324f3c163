import Findings
import Model
import Testing

/// What the recorded plans and the review of week two find of the mistakes that were planted in the shop.
///
/// Truths that need a catalog (indexes to drop) or prices (partial and covering indexes) are the index adviser's; each
/// of them is named in `notFromPlans`, so that none is forgotten.
@Suite struct TruthTests {
  /// The rule that finds a truth, and, for a missing index, how the statement that makes it begins.
  static let expected: [String: (rule: RuleID, sql: String?)] = [
    "single_payments_order_id": ("plan.filter-discards", "ON payments (order_id"),
    "single_order_items_product_id": ("plan.filter-discards", "ON order_items (product_id"),
    "single_reviews_customer_id": ("plan.filter-discards", "ON reviews (customer_id"),
    "single_orders_coupon_code": ("plan.filter-discards", "ON orders (coupon_code"),
    "multi_page_views_tenant_page": ("plan.filter-discards", "ON page_views (tenant_id, page_no"),
    "order_orders_tenant_placed_at": ("plan.filter-discards", "ON orders (tenant_id, placed_at"),
    "sort_tickets_mixed_direction": ("plan.avoidable-sort", "ON tickets (tenant_id, priority DESC, opened_at"),
    "expression_customers_lower_email": ("plan.function-on-column", "ON customers (lower(email)"),
    "sort_notes_recent": ("plan.filter-discards", "ON notes (person_id"),
    "jsonb_products_attributes": ("plan.filter-discards", "ON products USING gin (attributes jsonb_path_ops"),
    "trigram_customers_full_name": ("plan.leading-wildcard", "ON customers USING gin (full_name gin_trgm_ops"),
    "n_plus_one_order_items": ("query.n-plus-one", nil),
    "parameter_flip_shipment_status": ("query.plan-flip", nil),
    "disk_sort_revenue_deciles": ("plan.sort-on-disk", nil),
    "stale_supplier_import_rows": ("table.wrong-statistics", nil),
    "regression_track_shipment": ("query.regression", nil),
  ]

  static let notFromPlans: Set<String> = [
    // The worker's plans are logged without ANALYZE: nothing is known of the rows.
    "partial_jobs_queued", "partitioned_audit_entity",
    // Only prices tell.
    "covering_stock_movements",
    // Only a catalog tells.
    "redundant_addresses_customer_id", "duplicate_shipments_order_id", "unused_customers_phone",
    "write_heavy_inventory_updated_at",
    // That nothing helps is shown by advice, not by a finding.
    "no_index_review_lengths",
  ]

  @Test func everyTruthIsEitherExpectedOrNamed() throws {
    #expect(Set(try Shop.truths().map(\.name)) == Set(Self.expected.keys).union(Self.notFromPlans))
  }

  @Test(arguments: expected.keys.sorted())
  func aTruthIsFound(name: String) async throws {
    let judgement = try await Shop.judgement.value
    let fingerprints = try Shop.fingerprints()
    let truth = try #require(try Shop.truths().first { $0.name == name })
    let wanted = try #require(Self.expected[name])
    let shapes = Set(truth.shapes.compactMap { fingerprints[$0] })
    #expect(shapes.count == truth.shapes.count)
    let findings = shapes.flatMap { judgement.plans[$0] ?? [] } + judgement.review
    let found = findings.filter { finding in
      guard finding.rule == wanted.rule else { return false }
      // The mapper writes the lazy statement's comparison the other way round than the workload's text does, which is
      // another shape; the route is the same.
      if let route = truth.route { return finding.title.contains("route \(route)") }
      switch finding.subject.kind {
      case .query(let fingerprint): return shapes.contains(fingerprint)
      case .table(let table): return truth.table == "public." + table.name
      default: return false
      }
    }
    #expect(
      !found.isEmpty,
      "\(name): shapes \(shapes), found \(findings.filter { $0.rule == wanted.rule }.map(\.subject))")
    if let sql = wanted.sql { #expect(found.contains { $0.remedy.sql.contains { $0.contains(sql) } }, "\(name)") }
  }

  /// The scans of the planted regression compete with others for two cores, so a few more statements really did become
  /// slower; but nearly all of the time that was lost is the planted one's.
  @Test func theRegressionStandsOut() async throws {
    let slower = try await Shop.judgement.value.review.filter { $0.rule == "query.regression" && $0.severity > .info }
    let fingerprint = try #require(try Shop.fingerprints()["web.track_shipment"])
    #expect(slower.first?.subject.kind == .query(fingerprint))
    let lost = slower.compactMap { $0.recoverable?.estimate }
    #expect(slower.count <= 4 && (lost.first ?? 0) >= 0.8 * lost.reduce(0, +))
  }
}

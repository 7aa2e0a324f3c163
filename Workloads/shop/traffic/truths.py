"""The planted truths: what is wrong in the shop, what is right, and how one sees it. measure.py adds the figures.

`indexes.accepted` lists definitions that are a right answer, the best first; any one of them will do. `indexes.poor`
lists definitions that look similar and are not: measure.py builds the first of them as well and shows the difference.
"""

from __future__ import annotations

from typing import Any

DESC = True


def key(
    column: str | None = None,
    descending: bool = False,
    expression: str | None = None,
    operator_class: str | None = None,
) -> dict[str, Any]:
    return {"column": column, "expression": expression, "operator_class": operator_class, "descending": descending}


def index(
    table: str, *keys: Any, include: tuple[str, ...] = (), predicate: str | None = None, method: str = "btree"
) -> dict[str, Any]:
    """Keys are column names, (column, DESC) pairs or finished keys."""
    made = [k if isinstance(k, dict) else key(*k) if isinstance(k, tuple) else key(k) for k in keys]
    return {"table": table, "method": method, "keys": made, "include": list(include), "predicate": predicate}


TRUTHS: list[dict[str, Any]] = []


def truth(
    name: str,
    kind: str,
    wrong: str,
    right: str,
    shows: str,
    shapes: list[str],
    *,
    accepted=(),
    poor=(),
    remove=(),
    **more: Any,
) -> None:
    TRUTHS.append(
        {
            "name": name,
            "kind": kind,
            "wrong": wrong,
            "right": right,
            "shows": shows,
            "shapes": shapes,
            "indexes": {"accepted": list(accepted), "poor": list(poor), "remove": list(remove)},
            **more,
        }
    )


truth(
    "single_payments_order_id",
    "missing_index",
    "payments references orders without an index on order_id.",
    "An index on payments (order_id).",
    "A sequential scan of payments for one to three rows; deleting a draft order scans it too, inside the foreign key's trigger.",
    ["web.payments_of_order", "api.delete_draft"],
    accepted=[index("public.payments", "order_id"), index("public.payments", "order_id", "id")],
)

truth(
    "single_order_items_product_id",
    "missing_index",
    "order_items references products without an index on product_id.",
    "An index on order_items (product_id).",
    "A sequential scan of a million order items for some hundreds.",
    ["api.orders_with_product"],
    accepted=[
        index("public.order_items", "product_id"),
        index("public.order_items", "product_id", "order_id"),
        index("public.order_items", "product_id", "order_id", include=("quantity",)),
        index("public.order_items", "product_id", include=("order_id", "quantity")),
        index("public.order_items", "product_id", include=("quantity", "order_id")),
    ],
)

truth(
    "single_reviews_customer_id",
    "missing_index",
    "reviews references customers without an index on customer_id.",
    "An index on reviews (customer_id).",
    "A sequential scan of wide rows for a handful.",
    ["web.my_reviews"],
    accepted=[index("public.reviews", "customer_id"), index("public.reviews", "customer_id", "id")],
)

truth(
    "single_orders_coupon_code",
    "missing_index",
    "Orders are looked up by coupon without an index; only three in a hundred have one.",
    "An index on orders (coupon_code), with placed_at DESC for the order; partial on coupon_code IS NOT NULL is smaller still.",
    "A sequential scan of orders for some dozens.",
    ["api.orders_with_coupon"],
    accepted=[
        index("public.orders", "coupon_code", ("placed_at", DESC)),
        index("public.orders", "coupon_code", "placed_at"),
        index("public.orders", "coupon_code"),
        index("public.orders", "coupon_code", predicate="coupon_code IS NOT NULL"),
        index("public.orders", "coupon_code", ("placed_at", DESC), predicate="coupon_code IS NOT NULL"),
        index("public.orders", "coupon_code", "placed_at", predicate="coupon_code IS NOT NULL"),
    ],
)

truth(
    "multi_page_views_tenant_page",
    "missing_index",
    "Page views are read by tenant and page number; every tenant has the same page numbers, so neither alone is selective.",
    "One index on both columns, in either order.",
    "A sequential scan; with an index on one column a bitmap of hundreds to thousands of pages.",
    ["api.page_views_of_page"],
    accepted=[index("public.page_views", "tenant_id", "page_no"), index("public.page_views", "page_no", "tenant_id")],
    poor=[index("public.page_views", "page_no"), index("public.page_views", "tenant_id")],
)

truth(
    "order_orders_tenant_placed_at",
    "column_order",
    "Sales of one tenant in a range of days scan all orders.",
    "orders (tenant_id, placed_at): the column compared with = before the one with a range. The other order reads every tenant's orders of these days.",
    "A sequential scan; with the wrong order a long index range with a filter in it.",
    ["api.tenant_sales_in_range"],
    accepted=[
        index("public.orders", "tenant_id", "placed_at"),
        index("public.orders", "tenant_id", ("placed_at", DESC)),
        index("public.orders", "tenant_id", "placed_at", include=("total_cents",)),
        index("public.orders", "tenant_id", ("placed_at", DESC), include=("total_cents",)),
        index("public.orders", "tenant_id", "placed_at", "total_cents"),
    ],
    poor=[index("public.orders", "placed_at", "tenant_id"), index("public.orders", "placed_at")],
)

truth(
    "sort_tickets_mixed_direction",
    "order_by_limit",
    "The inbox shows the 25 most urgent, oldest tickets and sorts all of the tenant's for it.",
    "tickets (tenant_id, priority DESC, opened_at): the two directions differ, so the index must say so (or both turned round).",
    "A sequential scan and a top-N sort of up to tens of thousands of rows for 25.",
    ["api.ticket_inbox"],
    accepted=[
        index("public.tickets", "tenant_id", ("priority", DESC), "opened_at"),
        index("public.tickets", "tenant_id", "priority", ("opened_at", DESC)),
    ],
    poor=[index("public.tickets", "tenant_id"), index("public.tickets", "tenant_id", "priority", "opened_at")],
)

QUEUED = "state = 'queued'"
truth(
    "partial_jobs_queued",
    "partial_index",
    "The worker polls for queued jobs in a table that is nearly all done jobs.",
    "A partial index with the predicate state = 'queued'; it holds half a percent of the rows. Its keys matter little beside that; (queue, priority, run_at) gives the order too.",
    "A sequential scan of 300,000 jobs, most of them done, at every poll.",
    ["worker.claim_job"],
    accepted=[
        index("public.jobs", "queue", "priority", "run_at", predicate=QUEUED),
        index("public.jobs", "queue", "run_at", predicate=QUEUED),
        index("public.jobs", "queue", "run_at", "priority", predicate=QUEUED),
        index("public.jobs", "queue", "priority", predicate=QUEUED),
        index("public.jobs", "priority", "run_at", predicate=QUEUED),
        index("public.jobs", "queue", predicate=QUEUED),
        index("public.jobs", "run_at", predicate=QUEUED),
    ],
    poor=[
        index("public.jobs", "state", "queue", "priority", "run_at"),
        index("public.jobs", "queue", "state", "priority", "run_at"),
    ],
    poor_because="It helps as much, but holds every job, is many times larger, and each change of state must write to it.",
)

truth(
    "expression_customers_lower_email",
    "expression_index",
    "Logins compare lower(email), which the unique index on (tenant_id, email) cannot answer.",
    "An index on customers (lower(email)).",
    "A sequential scan of all customers with a function in its filter.",
    ["web.login_by_email"],
    accepted=[index("public.customers", key(expression="lower(email)"))],
    poor=[index("public.customers", "email")],
)

truth(
    "covering_stock_movements",
    "covering_index",
    "The index on product_id finds the movements, and then nearly every page of the table is read for two small columns.",
    "An index that holds them as well: (product_id) INCLUDE (warehouse_id, quantity), or all three as keys; it makes ix_stock_movements_product_id redundant.",
    "A bitmap heap scan of thousands of blocks under an aggregate; with the covering index an index-only scan.",
    ["api.stock_by_warehouse"],
    accepted=[
        index("public.stock_movements", "product_id", include=("warehouse_id", "quantity")),
        index("public.stock_movements", "product_id", include=("quantity", "warehouse_id")),
        index("public.stock_movements", "product_id", "warehouse_id", include=("quantity",)),
        index("public.stock_movements", "product_id", "warehouse_id", "quantity"),
        index("public.stock_movements", "product_id", "quantity", "warehouse_id"),
        index("public.stock_movements", "product_id", "quantity", include=("warehouse_id",)),
    ],
    replaces="ix_stock_movements_product_id",
)

truth(
    "partitioned_audit_entity",
    "missing_index",
    "The history of one object scans every month of the audit log.",
    "An index on the partitioned table audit_log on both columns that are compared, entity_id and entity_type, if wanted with created_at DESC; one statement builds it on all partitions.",
    "An Append of sixteen sequential scans for twenty rows.",
    ["worker.history_of_entity"],
    accepted=[
        index("public.audit_log", "entity_type", "entity_id", ("created_at", DESC)),
        index("public.audit_log", "entity_id", "entity_type", ("created_at", DESC)),
        index("public.audit_log", "entity_type", "entity_id", "created_at"),
        index("public.audit_log", "entity_id", "entity_type", "created_at"),
        index("public.audit_log", "entity_type", "entity_id"),
        index("public.audit_log", "entity_id", "entity_type"),
        index("public.audit_log", "entity_id"),
    ],
    poor=[index("public.audit_log", "entity_type")],
)

truth(
    "sort_notes_recent",
    "order_by_limit",
    "The list of a person's latest notes scans all notes.",
    "notes (person_id, updated_at DESC), read in either direction.",
    "A sequential scan of wide rows and a sort for 20 rows.",
    ["life.recent_notes"],
    accepted=[
        index("life.notes", "person_id", ("updated_at", DESC)),
        index("life.notes", "person_id", "updated_at"),
        index("life.notes", "person_id"),
    ],
    poor=[index("life.notes", ("updated_at", DESC))],
)

truth(
    "jsonb_products_attributes",
    "gin_index",
    "The filter page asks attributes @> {…} of all products.",
    "A GIN index on products (attributes jsonb_path_ops), or with the default operators.",
    "A sequential scan that unpacks every document for a few products.",
    ["web.filter_attributes"],
    accepted=[
        index("public.products", key("attributes", operator_class="jsonb_path_ops"), method="gin"),
        index("public.products", "attributes", method="gin"),
    ],
)

truth(
    "trigram_customers_full_name",
    "gin_index",
    "Support searches names with ILIKE '%…%', which no B-tree can answer.",
    "A trigram index: GIN (or GiST) on customers (full_name gin_trgm_ops); pg_trgm is installed.",
    "A sequential scan of all customers with ~~* in its filter.",
    ["web.find_customer_by_name"],
    accepted=[
        index("public.customers", key("full_name", operator_class="gin_trgm_ops"), method="gin"),
        index("public.customers", key("full_name", operator_class="gist_trgm_ops"), method="gist"),
    ],
    poor=[index("public.customers", "full_name")],
)

truth(
    "redundant_addresses_customer_id",
    "redundant_index",
    "ix_addresses_customer_id is a prefix of ix_addresses_customer_id_kind.",
    "Drop ix_addresses_customer_id.",
    "Its only key is the first key of another B-tree on the same table, and neither is unique.",
    ["web.customer_addresses"],
    remove=["public.ix_addresses_customer_id"],
    covered_by="public.ix_addresses_customer_id_kind",
)

truth(
    "duplicate_shipments_order_id",
    "duplicate_index",
    "shipments has two identical indexes on order_id.",
    "Drop one of them.",
    "Two index definitions that differ in nothing but the name.",
    ["api.shipments_of_order"],
    remove=["public.shipments_order_id_idx", "public.ix_shipments_order_id"],
    remove_count=1,
)

truth(
    "unused_customers_phone",
    "unused_index",
    "Nobody looks a customer up by phone.",
    "Drop ix_customers_phone.",
    "idx_scan stays 0 over both weeks; it backs no constraint.",
    [],
    remove=["public.ix_customers_phone"],
)

truth(
    "write_heavy_inventory_updated_at",
    "costly_index",
    "Every count of stock writes updated_at, and the index on it turns each of these updates into new entries in every index.",
    "Drop ix_inventory_updated_at; the count that uses it runs once a week and takes some milliseconds more, the updates save many times that.",
    "idx_scan is a handful in two weeks, n_tup_upd tens of thousands and n_tup_hot_upd about 0 though the pages have room (fillfactor 80).",
    ["stock.count_inventory", "nightly.recent_inventory"],
    remove=["public.ix_inventory_updated_at"],
)

truth(
    "n_plus_one_order_items",
    "n_plus_one",
    "The page of a customer's orders loads the items of each order with a statement of its own.",
    "Load them together (in SQLAlchemy: selectinload); no index can save the round trips.",
    "In one session and transaction one web.order_history is followed by up to 20 web.order_items_of_order, all tagged with the same route.",
    ["web.order_items_of_order"],
    parent="web.order_history",
    route="/orders",
)

truth(
    "no_index_review_lengths",
    "no_index_helps",
    "The report reads every review's text.",
    "No index: all rows and their widest column are needed. (A B-tree cannot even hold the body: some exceed its limit of 2704 bytes.)",
    "A sequential scan that returns all rows, into an aggregate.",
    ["reports.review_lengths"],
)

truth(
    "parameter_flip_shipment_status",
    "plan_flip",
    "Nearly all shipments are delivered and very few are lost, so the same statement has two plans.",
    "Both plans are right for their value; judge them apart (or give the report its own summary). A generic plan would be wrong for one of them.",
    "auto_explain has a sequential scan for 'delivered' and an index or bitmap scan for 'lost', with latencies a hundred times apart.",
    ["reports.shipments_by_carrier"],
)

truth(
    "disk_sort_revenue_deciles",
    "disk_sort",
    "The deciles sort more than work_mem holds.",
    "A larger work_mem for the role reporting (64 MB is enough); no index gives this order, it is computed from a join.",
    "Sort Method: external merge, temp_blks_written in pg_stat_statements, and 'temporary file' in the log.",
    ["reports.revenue_deciles"],
    setting={"role": "reporting", "name": "work_mem", "value": "64MB"},
)

truth(
    "stale_supplier_import_rows",
    "stale_statistics",
    "Autovacuum is switched off for supplier_import_rows, and batches after the 20th were never analyzed.",
    "ANALYZE supplier_import_rows, and switch autovacuum on again.",
    "1 row estimated and 1,500 found, so a nested loop that compares millions of pairs; n_mod_since_analyze exceeds the rows the table had when analyzed.",
    ["reports.new_import_rows"],
    table="public.supplier_import_rows",
)

truth(
    "regression_track_shipment",
    "regression",
    "The deployment between the weeks dropped ix_shipments_tracking_code.",
    "Create it again: shipments (tracking_code).",
    "web.track_shipment takes tens of milliseconds in week two, a fraction of one in week one; its plan went from an index scan to a sequential scan.",
    ["web.track_shipment"],
    accepted=[index("public.shipments", "tracking_code")],
)

INDEX_KINDS = {
    "missing_index",
    "column_order",
    "order_by_limit",
    "partial_index",
    "expression_index",
    "covering_index",
    "gin_index",
    "regression",
}


def create_statement(definition: dict[str, Any], name: str) -> str:
    def spell(k: dict[str, Any]) -> str:
        body = k["column"] or f"({k['expression']})"
        return body + (f" {k['operator_class']}" if k["operator_class"] else "") + (" DESC" if k["descending"] else "")

    sql = f"CREATE INDEX {name} ON {definition['table']} USING {definition['method']} ({', '.join(map(spell, definition['keys']))})"
    if definition["include"]:
        sql += f" INCLUDE ({', '.join(definition['include'])})"
    if definition["predicate"]:
        sql += f" WHERE {definition['predicate']}"
    return sql

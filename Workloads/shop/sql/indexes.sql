-- The secondary indexes the shop has. Some of them are planted mistakes; truths.json says which.
SET ROLE shop_owner;

CREATE INDEX ix_addresses_customer_id ON addresses (customer_id);
CREATE INDEX ix_addresses_customer_id_kind ON addresses (customer_id, kind);
CREATE INDEX ix_customers_phone ON customers (phone);
CREATE INDEX ix_inventory_updated_at ON inventory (updated_at);
CREATE INDEX ix_jobs_finished_at ON jobs (finished_at);
CREATE INDEX ix_orders_customer_id_placed_at ON orders (customer_id, placed_at DESC);
CREATE INDEX ix_page_views_visitor ON page_views USING hash (visitor);
CREATE INDEX ix_page_views_viewed_at ON page_views USING brin (viewed_at);
CREATE INDEX ix_payments_created_at_id ON payments (created_at, id);
CREATE INDEX ix_products_category_id_price ON products (category_id, price_cents) WHERE active;
CREATE INDEX ix_reviews_product_id_created_at ON reviews (product_id, created_at DESC);
CREATE INDEX ix_shipments_order_id ON shipments (order_id);
CREATE INDEX shipments_order_id_idx ON shipments (order_id);
CREATE INDEX ix_shipments_status ON shipments (status);
CREATE INDEX ix_shipments_tracking_code ON shipments (tracking_code);
CREATE INDEX ix_stock_movements_product_id ON stock_movements (product_id);
CREATE INDEX ix_supplier_import_rows_batch_no ON supplier_import_rows (batch_no);
CREATE INDEX ix_habits_person_id ON life.habits (person_id);
CREATE INDEX ix_notes_search ON life.notes USING gin (search);
CREATE INDEX ix_notes_tags ON life.notes USING gin (tags);
CREATE UNIQUE INDEX ux_daily_sales ON daily_sales (tenant_id, day);

-- City and country follow from the postcode; the planner is told.
CREATE STATISTICS st_addresses_place (dependencies, ndistinct) ON postcode, city, country FROM addresses;

RESET ROLE;
GRANT USAGE ON SCHEMA life TO life_app, reporting;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop_web, shop_api, shop_worker, nightly_job;
GRANT SELECT ON ALL TABLES IN SCHEMA public, life TO reporting;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA life TO life_app;
GRANT shop_owner TO nightly_job;

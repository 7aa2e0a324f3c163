-- After rows and indexes: usage counters start at zero, statistics are fresh and pages are frozen and all-visible.
-- psql variable: scale. Uses the functions that data.sql left in the schema gen, and drops them.
SELECT pg_stat_reset() \g /dev/null
VACUUM (FREEZE, ANALYZE);
-- More batches arrive than there were when the table was last analyzed, and nothing analyzes it again.
SELECT greatest(50, (1500 * :scale)::int) AS n_batch \gset
INSERT INTO supplier_import_rows (batch_no, sku, quantity, cost_cents, raw)
  SELECT b, 'SKU-' || lpad(((b * 131 + k) % 40000)::text, 6, '0'), (gen.u(b * 10000 + k, 201) * 50)::int, (gen.u(b * 10000 + k, 202) * 9000)::int,
         jsonb_build_object('line', k, 'file', 'import-' || b || '.csv')
  FROM generate_series(21, 44) b, generate_series(1, :n_batch) k;
SET client_min_messages = warning;
DROP SCHEMA gen CASCADE;
CHECKPOINT;

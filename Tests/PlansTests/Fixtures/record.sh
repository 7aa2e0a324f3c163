#!/usr/bin/env bash
# Records plans.ndjson beside this script again: one line for each plan, {"name": …, "plan": EXPLAIN's JSON}.
# Give it a superuser's connection to an empty database of PostgreSQL 15 (PGHOST, PGUSER, PGDATABASE), and, as $1, the
# socket directory of a PostgreSQL 18 for the plans that only it can print.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out="$here/plans.ndjson"
: > "$out"

plan() {  # NAME SETTINGS STATEMENT [OPTIONS]
  local options=${4:-ANALYZE, BUFFERS, SETTINGS}
  {
    echo "BEGIN;"
    echo "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;"
    echo "$2"
    echo "EXPLAIN ($options, FORMAT JSON) $3;"
    echo "ROLLBACK;"
  } | psql -X -q -A -t -v ON_ERROR_STOP=1 | python3 -c '
import json, sys
document = json.load(sys.stdin)
print(json.dumps({"name": sys.argv[1], "plan": document}, separators=(",", ":"), ensure_ascii=False))' "$1" >> "$out"
}

psql -X -q -v ON_ERROR_STOP=1 -f "$here/schema.sql" > /dev/null

# Row estimates
plan misestimate-correlated "" "SELECT * FROM places WHERE city = 5 AND postcode = 5"
plan misestimate-stale "" "SELECT * FROM stale WHERE kind = 2"
plan misestimate-nested-loop "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;" \
  "SELECT count(*) FROM places p JOIN orders o ON o.id = p.id WHERE p.city = 5 AND p.postcode = 5"
plan estimate-right "" "SELECT * FROM places WHERE city = 5"
plan estimate-limit "" "SELECT * FROM orders WHERE customer_id > 10 LIMIT 3"

# Scans
plan filter-discards "" "SELECT * FROM orders WHERE status = 'pending' AND total > 5"
plan filter-keeps "" "SELECT * FROM orders WHERE status = 'done'"
plan index-filter-discards "" "SELECT * FROM orders WHERE created < '2024-04-01' AND status = 'pending'"
plan index-fits "" "SELECT * FROM orders WHERE customer_id = 77"
plan function-on-column "" "SELECT * FROM customers WHERE lower(email) = 'user77@example.com'"
plan cast-on-column "" "SELECT * FROM orders WHERE total > 1 AND id::numeric = 77.0"
plan cast-relabel "" "SELECT * FROM orders WHERE note::varchar = 'y'"
plan leading-wildcard "" "SELECT * FROM customers WHERE email LIKE '%77@example.com'"
plan trailing-wildcard "" "SELECT * FROM customers WHERE email LIKE 'user77@%'"
plan row-security "SET LOCAL app.tenant = '5';" \
  "SELECT * FROM orders WHERE customer_id = current_setting('app.tenant')::int AND total > (SELECT 0)"
plan row-security-scan "SET LOCAL app.tenant = '5'; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off;" \
  "SELECT * FROM orders WHERE customer_id = current_setting('app.tenant')::int"
plan heap-fetches "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;" \
  "SELECT count(*) FROM churn WHERE id < 50000"
plan heap-visible "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;" \
  "SELECT count(*) FROM orders WHERE id < 50000"
plan lossy-bitmap "SET LOCAL work_mem = '64kB'; SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off;" \
  "SELECT count(note) FROM orders WHERE customer_id < 4000"
plan exact-bitmap "SET LOCAL work_mem = '64MB'; SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off;" \
  "SELECT count(note) FROM orders WHERE customer_id < 4000"
plan imprecise-brin "SET LOCAL enable_seqscan = off;" \
  "SELECT * FROM readings WHERE at BETWEEN '2024-01-01' AND '2024-01-01 00:10'"
plan index-recheck "SET LOCAL enable_seqscan = off;" "SELECT * FROM places WHERE name LIKE '%abcd%' OR name ~ 'a.*b.*c1d2'"
plan index-recheck-trigram "SET LOCAL enable_seqscan = off; SET LOCAL pg_trgm.similarity_threshold = 0.9;" \
  "SELECT * FROM places WHERE name ILIKE '%1%23%'"

# Joins
plan join-filter-discards "SET LOCAL enable_mergejoin = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_memoize = off;" \
  "SELECT count(*) FROM customers c JOIN places p ON p.id % 1000 = c.id AND c.id < 200 AND p.id < 2000"
plan join-without-index "" \
  "SELECT i.* FROM items i JOIN orders o ON o.id = i.order_id WHERE o.customer_id = 77"
plan join-whole "" "SELECT count(*) FROM items i JOIN orders o ON o.id = i.order_id"
plan nested-loop-seqscan "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off; SET LOCAL enable_memoize = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off;" \
  "SELECT count(*) FROM (SELECT * FROM orders WHERE id < 40) o JOIN places p ON p.postcode = o.id"
plan nested-loop-fine "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;" \
  "SELECT count(*) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id < 50"
plan hash-batches "SET LOCAL work_mem = '256kB'; SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off;" \
  "SELECT count(*) FROM items i JOIN orders o ON o.id = i.order_id WHERE o.note > 'a'"
plan hash-one-batch "SET LOCAL work_mem = '64MB'; SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off;" \
  "SELECT count(*) FROM items i JOIN orders o ON o.id = i.order_id WHERE o.note > 'a'"
plan memoize-thrashing "SET LOCAL work_mem = '64kB'; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL hash_mem_multiplier = 1;" \
  "SELECT count(o.note) FROM items i JOIN orders o ON o.id = i.product * 397 WHERE i.order_id < 20000"
plan memoize-fine "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;" \
  "SELECT count(o.note) FROM items i JOIN orders o ON o.id = i.product WHERE i.order_id < 20000"
plan or-across-tables "" \
  "SELECT count(*) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.email = 'user9@example.com' OR o.note = 'y'"
plan or-one-table "" "SELECT count(*) FROM orders o WHERE o.id = 5 OR o.customer_id = 6"

# Sorts and aggregates
plan sort-on-disk "" "SELECT * FROM orders ORDER BY note, total"
plan sort-in-memory "SET LOCAL work_mem = '256MB';" "SELECT * FROM orders ORDER BY note, total"
plan incremental-sort-on-disk "SET LOCAL work_mem = '64kB'; SET LOCAL enable_seqscan = off;" \
  "SELECT * FROM places ORDER BY city, name"
plan hash-aggregate-spill "SET LOCAL work_mem = '256kB'; SET LOCAL enable_sort = off;" \
  "SELECT customer_id, status, count(*) FROM orders GROUP BY 1, 2"
plan hash-aggregate-fits "SET LOCAL work_mem = '64MB'; SET LOCAL enable_sort = off;" \
  "SELECT customer_id, status, count(*) FROM orders GROUP BY 1, 2"
plan avoidable-sort "" "SELECT * FROM orders WHERE status = 'open' ORDER BY total DESC LIMIT 10"
plan avoidable-sort-expression "" "SELECT * FROM orders ORDER BY total * 2 LIMIT 10"
plan limit-scan-gamble "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off;" \
  "SELECT * FROM orders WHERE note = 'y' OR total = 99.9 AND status = 'pending' ORDER BY created LIMIT 5"
plan limit-scan-lucky "" "SELECT * FROM orders WHERE status = 'done' ORDER BY created LIMIT 5"
plan large-offset "" "SELECT * FROM orders ORDER BY id LIMIT 10 OFFSET 100000"
plan small-offset "" "SELECT * FROM orders ORDER BY id LIMIT 10 OFFSET 20"
plan vector-sort "" "SELECT * FROM places ORDER BY name <-> 'abcd' LIMIT 5"

# Subqueries
plan subplan-per-row "" "SELECT o.id, (SELECT count(*) FROM items i WHERE i.product = o.id % 500) FROM orders o WHERE o.id < 200"
plan subplan-scan "" "SELECT c.id, (SELECT count(*) FROM places p WHERE p.postcode = c.id) FROM customers c WHERE c.id < 120"
plan subplan-once "" "SELECT o.id, (SELECT count(*) FROM items) FROM orders o WHERE o.id < 200"
plan not-in-repeated "SET LOCAL work_mem = '64kB';" \
  "SELECT count(*) FROM (SELECT * FROM customers LIMIT 30) c WHERE c.id NOT IN (SELECT order_id FROM items)"
plan not-in-hashed "SET LOCAL work_mem = '64MB';" \
  "SELECT count(*) FROM customers c WHERE c.id NOT IN (SELECT order_id FROM items WHERE product = 3)"
plan not-exists "" \
  "SELECT count(*) FROM customers c WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.order_id = c.id AND product = 3)"
plan cte-materialized-once "" \
  "WITH r AS MATERIALIZED (SELECT customer_id, sum(total) AS s FROM orders GROUP BY customer_id) SELECT * FROM r WHERE customer_id = 5"
plan cte-inlined "" \
  "WITH r AS (SELECT customer_id, sum(total) AS s FROM orders GROUP BY customer_id) SELECT * FROM r WHERE customer_id = 5"
plan repeated-scan "" \
  "SELECT (SELECT count(*) FROM places WHERE postcode = 1), (SELECT count(*) FROM places WHERE postcode = 2), (SELECT count(*) FROM places WHERE postcode = 3)"

# Partitions
plan partitions-not-pruned "" "SELECT * FROM log WHERE at::text = '2024-02-10'"
plan partitions-pruned "" "SELECT * FROM log WHERE at = date '2024-02-10'"

# Whole statements
plan temporary-files "SET LOCAL work_mem = '256kB';" \
  "SELECT max(s) FROM (SELECT sum(total) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS s, o.note FROM orders o) x WHERE note <> ''"
plan result-volume "" "SELECT * FROM orders"
plan never-executed "" \
  "SELECT * FROM customers c, LATERAL (SELECT count(*) FROM places p WHERE p.postcode = c.id) x WHERE c.email = 'nobody'"
plan trigger-foreign-key "" "DELETE FROM orders WHERE id < 30"
plan trigger-indexed "SET LOCAL session_replication_role = replica;" "DELETE FROM orders WHERE id < 30"
plan jit-overhead "SET LOCAL jit = on; SET LOCAL jit_above_cost = 0; SET LOCAL jit_inline_above_cost = 0; SET LOCAL jit_optimize_above_cost = 0;" \
  "SELECT sum(total * 2), max(id) FROM orders WHERE id < 2000 AND total > 5"
plan disabled-15 "SET LOCAL enable_seqscan = off;" "SELECT * FROM fresh"
plan planning-time "SET LOCAL join_collapse_limit = 14; SET LOCAL geqo = off;" \
  "SELECT 1 FROM fresh a JOIN fresh b ON a.id = b.id JOIN fresh c ON c.id = b.id JOIN fresh d ON d.id = c.id JOIN fresh e ON e.id = d.id JOIN fresh f ON f.id = e.id JOIN fresh g ON g.id = f.id JOIN fresh h ON h.id = g.id"
plan dirtied-by-select "" "SELECT count(*) FROM unread"

# Parallel
parallel="SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;"
plan workers-launched "$parallel" "SELECT count(*) FROM orders WHERE total > 50" "ANALYZE, BUFFERS, VERBOSE"
plan workers-not-launched "$parallel SET LOCAL max_parallel_workers = 0;" "SELECT count(*) FROM orders WHERE total > 50"
plan estimates-only "" "SELECT * FROM orders WHERE status = 'pending'" "SETTINGS"
plan untimed "" "SELECT * FROM orders WHERE status = 'pending'" "ANALYZE, TIMING OFF, SUMMARY OFF"

# A generic plan for a value unlike the others.
{
  echo "SET plan_cache_mode = force_generic_plan; SET max_parallel_workers_per_gather = 0;"
  echo "PREPARE q(text) AS SELECT * FROM orders WHERE status = \$1 AND total > 1;"
  echo "EXPLAIN (ANALYZE, BUFFERS, SETTINGS, FORMAT JSON) EXECUTE q('pending');"
} | psql -X -q -A -t -v ON_ERROR_STOP=1 | python3 -c '
import json, sys
print(json.dumps({"name": "generic-plan", "plan": json.load(sys.stdin)}, separators=(",", ":")))' >> "$out"

# What only PostgreSQL 18 prints.
if [ $# -ge 1 ]; then
  export PGHOST=$1
  psql -X -q -v ON_ERROR_STOP=1 -f "$here/schema.sql" > /dev/null
  plan disabled-18 "SET LOCAL enable_seqscan = off;" "SELECT * FROM fresh"
  plan index-searches-18 "" "SELECT * FROM orders WHERE id = ANY (ARRAY(SELECT generate_series(1, 200000, 400)))"
  plan serialization-18 "" "SELECT * FROM orders WHERE id < 50000" "ANALYZE, BUFFERS, MEMORY, SERIALIZE TEXT, SETTINGS"
  plan fractional-rows-18 "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;" \
    "SELECT count(*) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id < 500 AND o.status = 'pending'"
  plan storage-18 "SET LOCAL work_mem = '256kB';" \
    "WITH r AS MATERIALIZED (SELECT * FROM orders) SELECT count(*) FROM r a JOIN r b USING (id)"
fi
wc -l "$out"

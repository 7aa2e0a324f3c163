-- The tables that the recorded plans are about. Sizes are such that bad plans show their time in milliseconds.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE customers (id int PRIMARY KEY, email text, country text, vip bool, created date);
INSERT INTO customers SELECT g, 'user' || g || '@example.com',
  CASE WHEN g % 10 < 7 THEN 'PL' WHEN g % 10 < 9 THEN 'DE' ELSE 'FR' END, g % 100 = 0, date '2020-01-01' + g % 2000
  FROM generate_series(1, 20000) g;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, status text, total numeric, note text,
  created timestamp);
INSERT INTO orders SELECT g, 1 + (g * 7919) % 20000,
  CASE WHEN g % 1000 = 0 THEN 'pending' WHEN g % 50 = 0 THEN 'open' ELSE 'done' END, (g % 1000) / 10.0,
  repeat('x', 40), timestamp '2024-01-01' + g * interval '5 min' FROM generate_series(1, 200000) g;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_created ON orders (created);
CREATE TABLE items (order_id int REFERENCES orders ON DELETE CASCADE, product int, qty int, price numeric);
INSERT INTO items SELECT 1 + g % 200000, g % 500, g % 7, g % 100 FROM generate_series(1, 400000) g;
CREATE INDEX items_product ON items (product);
-- Two columns that say the same thing.
CREATE TABLE places (id int PRIMARY KEY, city int, postcode int, name text);
INSERT INTO places SELECT g, g % 100, g % 100, md5(g::text) FROM generate_series(1, 100000) g;
CREATE INDEX places_city ON places (city);
CREATE INDEX places_name ON places USING gin (name gin_trgm_ops);
CREATE TABLE readings (at timestamp, sensor int, value int);
INSERT INTO readings SELECT timestamp '2024-01-01' + (g::bigint * 7919 % 300000) * interval '1 s', g % 50, g
  FROM generate_series(1, 300000) g;
CREATE INDEX readings_at_brin ON readings USING brin (at) WITH (pages_per_range = 32);
CREATE TABLE log (id bigserial, at date, msg text) PARTITION BY RANGE (at);
SELECT format('CREATE TABLE log_2024_%s PARTITION OF log FOR VALUES FROM (%L) TO (%L)', to_char(m, 'MM'), m,
  m + interval '1 month') FROM generate_series(timestamp '2024-01-01', timestamp '2024-06-01', interval '1 month') m
  \gexec
INSERT INTO log (at, msg) SELECT date '2024-01-01' + g % 180, 'm' || g FROM generate_series(1, 60000) g;
-- Deleted from on purpose without VACUUM: an index-only scan has to visit the heap.
CREATE TABLE churn (id int PRIMARY KEY, n int);
INSERT INTO churn SELECT g, g FROM generate_series(1, 100000) g;
CREATE TABLE fresh (id int, filler text);
VACUUM ANALYZE;
UPDATE churn SET n = n + 1;
ANALYZE churn;
-- Statistics older than the data.
CREATE TABLE stale (id int, kind int);
INSERT INTO stale SELECT g, 1 FROM generate_series(1, 1000) g;
CREATE INDEX stale_kind ON stale (kind);
ANALYZE stale;
INSERT INTO stale SELECT g, 2 FROM generate_series(1, 100000) g;
-- Never read since it was filled: the first reader sets its hint bits.
CREATE TABLE unread (id int, filler text);
INSERT INTO unread SELECT g, repeat('y', 500) FROM generate_series(1, 30000) g;
CHECKPOINT;

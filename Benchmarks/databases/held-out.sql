-- A database that the size model was not made with: types, skews and correlations as applications have them, other than
-- in mixed.sql. psql variable: rows.
CREATE EXTENSION pg_trgm;
CREATE EXTENSION citext;
CREATE EXTENSION btree_gin;
CREATE EXTENSION btree_gist;
CREATE EXTENSION bloom;
DO $$ BEGIN PERFORM setseed(0.271828); END $$;

CREATE FUNCTION concat_op(text, text) RETURNS text LANGUAGE sql IMMUTABLE RETURN $1 || ' ' || $2;
CREATE TYPE mood AS ENUM ('calm', 'glad', 'sad', 'angry', 'tired');
CREATE TABLE account (
  id uuid PRIMARY KEY, login citext NOT NULL, first_name text NOT NULL, last_name text NOT NULL, city varchar(40),
  postcode char(6) NOT NULL, balance numeric(14, 2) NOT NULL, born date, signed_up timestamptz NOT NULL,
  last_seen timestamptz, is_active boolean NOT NULL, feeling mood NOT NULL, home inet, mac macaddr, token bytea,
  settings jsonb, roles text[] NOT NULL, score real, level smallint NOT NULL, parent uuid);
INSERT INTO account
  SELECT gen_random_uuid(), CASE WHEN random() < 0.3 THEN 'User' ELSE 'user' END || (random() * 1e7)::int || '@mail' || (random() ^ 4 * 30)::int || '.test',
    (ARRAY['Ada', 'Bo', 'Christabel', 'Dee', 'Ekaterina', 'Finn', 'Gwendolyn', 'Hal'])[1 + floor(random() ^ 2 * 8)] || CASE WHEN random() < 0.4 THEN ' ' || chr(65 + floor(random() * 26)::int) || '.' ELSE '' END,
    initcap(substr(md5((random() ^ 3 * 20000)::int::text), 1, 3 + (random() * 9)::int)),
    CASE WHEN random() < 0.9 THEN 'City ' || floor(exp(random() * 7)) END, lpad((random() ^ 2 * 90000)::int::text, 5, '0'),
    CASE WHEN random() < 0.25 THEN 0 ELSE round((exp(random() * 12) - 1)::numeric, 2) END,
    CASE WHEN random() < 0.7 THEN date '1940-01-01' + (random() * 25000)::int END,
    timestamptz '2019-01-01' + i * interval '11 minutes' + random() * interval '1 day',
    CASE WHEN random() < 0.85 THEN timestamptz '2019-01-01' + i * interval '11 minutes' + random() ^ 3 * interval '900 days' END,
    random() < 0.92, (enum_range(NULL::mood))[1 + floor(random() ^ 2 * 5)],
    CASE WHEN random() < 0.6 THEN ('192.168.' || (random() ^ 2 * 255)::int || '.' || (random() * 255)::int)::inet END,
    CASE WHEN random() < 0.5 THEN ('08:00:2b:' || lpad(to_hex((random() * 255)::int), 2, '0') || ':' || lpad(to_hex((random() * 255)::int), 2, '0') || ':' || lpad(to_hex((random() * 255)::int), 2, '0'))::macaddr END,
    CASE WHEN random() < 0.2 THEN decode(md5(random()::text) || CASE WHEN random() < 0.5 THEN md5(random()::text) ELSE '' END, 'hex') END,
    CASE WHEN random() < 0.8 THEN jsonb_build_object('theme', (ARRAY['dark', 'light', 'auto'])[1 + floor(random() ^ 2 * 3)], 'page_size', (ARRAY[10, 20, 50, 100])[1 + floor(random() * 4)]) END,
    ARRAY(SELECT (ARRAY['admin', 'editor', 'author', 'viewer', 'guest', 'billing'])[1 + floor(random() * 6)] FROM generate_series(1, 1 + (i % 3))),
    (random() * random() * 100)::real, floor(random() ^ 3 * 60), NULL
  FROM generate_series(1, :rows) i;
CREATE TABLE account_ids AS SELECT row_number() OVER () AS n, id FROM account;
CREATE UNIQUE INDEX ON account_ids (n);
UPDATE account a SET parent = x.id
  FROM (SELECT id, 1 + (random() ^ 2 * 4000)::int AS n FROM account WHERE random() < 0.5) p JOIN account_ids x USING (n)
  WHERE a.id = p.id;

-- Rows of one document lie together; days follow one another; the kinds of a tenant differ.
CREATE TABLE event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document bigint NOT NULL, version int NOT NULL, tenant int NOT NULL,
  kind text NOT NULL, source text, happened timestamp NOT NULL, received timestamp NOT NULL, day date NOT NULL,
  amount numeric, code char(3) NOT NULL, note text, tags text[], span tsrange NOT NULL, area int4range, place point,
  vector tsvector, payload jsonb NOT NULL, hash bytea NOT NULL, ratio double precision, step interval,
  actor uuid NOT NULL, flags bit(8) NOT NULL);
INSERT INTO event (document, version, tenant, kind, source, happened, received, day, amount, code, note, tags, span, area,
    place, vector, payload, hash, ratio, step, actor, flags)
  SELECT d, v, t, 'tenant' || t % 17 || '.' || (ARRAY['created', 'updated', 'deleted', 'restored', 'viewed'])[1 + floor(random() ^ 2 * 5)],
    CASE WHEN random() < 0.15 THEN NULL ELSE 'https://host' || (random() ^ 5 * 400)::int || '.example/' || repeat('path/', (random() ^ 2 * 12)::int) || (random() ^ 4 * 3000)::int END,
    at, at + random() ^ 4 * interval '2 days', at::date,
    CASE WHEN random() < 0.4 THEN NULL WHEN random() < 0.3 THEN (random() * 20)::int * 5 ELSE round((random() * 1e6)::numeric, (random() * 4)::int) END,
    (ARRAY['EUR', 'USD', 'GBP', 'JPY', 'CHF', 'SEK'])[1 + floor(random() ^ 3 * 6)],
    CASE WHEN random() < 0.3 THEN 'ok' WHEN random() < 0.5 THEN NULL ELSE (SELECT string_agg(substr(md5(((random() ^ 3 * 5000)::int + 0 * w)::text), 1, 2 + w % 7), ' ') FROM generate_series(1, 3 + (random() * 12)::int + 0 * v) w) END,
    CASE WHEN random() < 0.7 THEN ARRAY(SELECT 'tag' || floor(exp(random() * 8))::int + 0 * k FROM generate_series(1, 1 + (d % 4)::int) k) END,
    tsrange(at, at + (1 + (random() * 5)::int) * interval '15 minutes'), CASE WHEN random() < 0.5 THEN int4range((random() * 5000)::int, 5001 + (random() * 100)::int) END,
    CASE WHEN random() < 0.5 THEN point(round(random() * 200), round(random() * 200)) END,
    to_tsvector('simple', (SELECT string_agg('w' || floor(exp(random() * 9 + 0 * w))::int, ' ') FROM generate_series(1, 8 + 0 * v) w)),
    jsonb_build_object('user', (random() ^ 2 * 9000)::int, 'action', (ARRAY['open', 'save', 'close'])[1 + floor(random() * 3)], 'ms', (exp(random() * 9))::int),
    decode(md5((d % 7919)::text), 'hex'), CASE WHEN random() < 0.1 THEN 'NaN' ELSE random() END, (random() * 90)::int * interval '1 minute',
    x.id, (random() * 255)::int::bit(8)
  FROM (SELECT d, v, (d % 211)::int AS t, timestamp '2024-01-01' + d * interval '23 minutes' + v * interval '4 hours' AS at,
      1 + (random() ^ 2 * (:rows - 2))::int AS actor FROM generate_series(1, :rows / 2) d, LATERAL (SELECT generate_series(1, 1 + floor(-ln(1 - random()) * 3 + 0 * d)::int) AS v) s) q
  JOIN account_ids x ON x.n = q.actor;
CREATE STATISTICS event_tenant (ndistinct) ON tenant, kind FROM event;
VACUUM (FREEZE, ANALYZE);
CHECKPOINT;

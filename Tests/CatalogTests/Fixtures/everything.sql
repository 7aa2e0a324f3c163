-- A schema with one of everything that a snapshot knows, hostile names included.
CREATE SCHEMA shop;
CREATE SCHEMA "Odd ""name""; DROP TABLE x";

CREATE TYPE shop.state AS ENUM ('new', 'paid', 'it''s "sent"');
ALTER TYPE shop.state ADD VALUE 'packed' BEFORE 'paid';
CREATE DOMAIN shop.email AS text COLLATE "C" DEFAULT 'nobody@example.org' NOT NULL CONSTRAINT has_at CHECK (VALUE ~ '@');
CREATE TYPE shop.address AS (street text COLLATE "C", zip varchar(10), "Odd Field" integer[]);
CREATE TYPE shop.pricerange AS RANGE (subtype = numeric);
CREATE COLLATION shop.german (provider = libc, locale = 'C');

CREATE FUNCTION shop.area(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT a * b $$;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'touched; \n'; RETURN NEW; END $$;
CREATE PROCEDURE shop.work(INOUT n integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN n := n + 1; END $$;
CREATE AGGREGATE shop.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', PARALLEL = SAFE);
CREATE FUNCTION shop.nearly(a integer, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT abs(a - b) < 2 $$;
CREATE OPERATOR shop.=~= (FUNCTION = shop.nearly, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(shop.=~=), RESTRICT = eqsel, JOIN = eqjoinsel);

CREATE SEQUENCE shop.numbers AS smallint INCREMENT 5 MINVALUE -10 MAXVALUE 32000 START 7 CACHE 3 CYCLE;
SELECT nextval('shop.numbers'), nextval('shop.numbers');

CREATE TABLE shop.customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email shop.email,
  name text COLLATE "C" NOT NULL,
  home shop.address,
  tags text[] NOT NULL DEFAULT '{}',
  born date,
  score numeric(10, 2) DEFAULT 0.5 CHECK (score >= 0),
  upper_name text GENERATED ALWAYS AS (upper(name)) STORED,
  attributes jsonb,
  words tsvector,
  period int4range,
  gone integer
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = false);
ALTER TABLE shop.customers DROP COLUMN gone;
ALTER TABLE shop.customers ALTER COLUMN name SET STATISTICS 500;
ALTER TABLE shop.customers ALTER COLUMN attributes SET STORAGE EXTERNAL;
ALTER TABLE shop.customers ALTER COLUMN born SET (n_distinct = -0.25);
INSERT INTO shop.customers (email, name, home, tags, born, score, attributes, words, period)
  SELECT 'user' || g || '@example.org', CASE WHEN g % 3 = 0 THEN 'O''Brien "x" \ ' || g % 7 ELSE 'Name ' || g END,
    ROW('Main ' || g % 20, g % 100, ARRAY[g])::shop.address, ARRAY['a' || g % 5, 'b,"' || g % 3],
    date '1950-01-01' + g % 9000, g % 50, jsonb_build_object('n', g % 10), to_tsvector('simple', 'word' || g % 11),
    CASE WHEN g % 10 = 0 THEN 'empty'::int4range ELSE int4range(g % 40, g % 40 + g % 9 + 1) END
  FROM generate_series(1, 5000) g;

CREATE UNIQUE INDEX customers_lower_email ON shop.customers (lower(email::text));
CREATE INDEX customers_tags ON shop.customers USING gin (tags) WITH (fastupdate = off);
CREATE INDEX customers_period ON shop.customers USING gist (period) WITH (fillfactor = 70);
CREATE INDEX customers_partial ON shop.customers (born DESC NULLS LAST, (score * 2) DESC) INCLUDE (name) WHERE score > 10 AND name <> 'x';
CREATE INDEX customers_collated ON shop.customers (name COLLATE shop.german text_pattern_ops);
CREATE INDEX customers_words ON shop.customers USING gin (to_tsvector('simple', name));
CREATE INDEX customers_brin ON shop.customers USING brin (id) WITH (pages_per_range = 16);
CREATE INDEX customers_hash ON shop.customers USING hash (born);
CREATE INDEX customers_area ON shop.customers (shop.area(id::integer, 3));
CREATE STATISTICS shop.customers_both (ndistinct, dependencies, mcv) ON born, score FROM shop.customers;
CREATE STATISTICS shop.customers_expression ON (id % 10), (lower(name)) FROM shop.customers;
ALTER STATISTICS shop.customers_both SET STATISTICS 200;

CREATE TABLE shop.orders (
  id bigserial,
  customer_id bigint NOT NULL REFERENCES shop.customers (id) ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE,
  state shop.state NOT NULL DEFAULT 'new',
  placed_at timestamptz NOT NULL,
  note text,
  room integer,
  during tsrange,
  PRIMARY KEY (id, placed_at),
  CONSTRAINT notes UNIQUE (note, placed_at)
) PARTITION BY RANGE (placed_at);
CREATE TABLE shop.orders_2025 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2026-01-01 00:00+00');
CREATE TABLE shop.orders_rest PARTITION OF shop.orders DEFAULT;
CREATE INDEX orders_customer ON shop.orders (customer_id, placed_at DESC);
INSERT INTO shop.orders (customer_id, state, placed_at, note)
  SELECT 1 + g % 5000, (enum_range(NULL::shop.state))[1 + g % 3], timestamptz '2025-01-01 00:00+00' + g * interval '1 hour', 'n' || g
  FROM generate_series(1, 12000) g;
ALTER TABLE shop.orders ADD CONSTRAINT room_positive CHECK (room > 0) NOT VALID;

CREATE TABLE shop.parent (a integer, b text);
CREATE TABLE shop.child (c integer) INHERITS (shop.parent);
INSERT INTO shop.parent SELECT g, 'p' FROM generate_series(1, 100) g;
INSERT INTO shop.child SELECT g, 'c', g FROM generate_series(1, 100) g;

CREATE UNLOGGED TABLE shop.scratch (n integer);
CREATE TABLE shop.empty (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "Odd ""name""; DROP TABLE x"."T'able ""1"" \ $1" ("C'ol ""1""; SELECT" integer PRIMARY KEY, "zwei  Füße" text);
INSERT INTO "Odd ""name""; DROP TABLE x"."T'able ""1"" \ $1" SELECT g, E'tab\t nl\n "q" \\ ' || g FROM generate_series(1, 500) g;
CREATE INDEX "I'dx ""1"";" ON "Odd ""name""; DROP TABLE x"."T'able ""1"" \ $1" ("zwei  Füße" DESC);
COMMENT ON TABLE shop.empty IS 'a''; DROP TABLE shop.customers; --';

CREATE VIEW shop.rich AS SELECT c.id, c.name, count(*) AS orders FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id GROUP BY c.id;
CREATE MATERIALIZED VIEW shop.monthly AS SELECT date_trunc('month', placed_at) AS month, count(*) AS n FROM shop.orders GROUP BY 1;
CREATE UNIQUE INDEX monthly_month ON shop.monthly (month);
CREATE RULE no_delete AS ON DELETE TO shop.empty DO INSTEAD NOTHING;
CREATE TRIGGER touch BEFORE UPDATE ON shop.orders_2025 FOR EACH ROW EXECUTE FUNCTION shop.touch();

ALTER TABLE shop.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.customers FOR SELECT TO PUBLIC USING (name = current_user) ;
CREATE POLICY all_of_it ON shop.customers AS RESTRICTIVE FOR ALL TO postgres USING (true) WITH CHECK (score < 1000);
ALTER TABLE shop.orders_2025 REPLICA IDENTITY FULL;
ALTER TABLE shop.customers CLUSTER ON customers_pkey;

ALTER DATABASE everything SET work_mem = '7MB';
CREATE ROLE app LOGIN PASSWORD 'role-hunter2';
ALTER ROLE app IN DATABASE everything SET random_page_cost = 1.1;
ALTER ROLE app SET app.api_token = 'guc-hunter2';
ANALYZE;

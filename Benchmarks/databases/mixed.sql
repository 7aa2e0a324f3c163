-- One table with columns of every type that indexes are built on, and what makes their sizes differ: skew, nulls, runs,
-- random order, long and short texts, documents, arrays, ranges, points. psql variable: rows.
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gin;
CREATE EXTENSION btree_gist;
CREATE EXTENSION bloom;

CREATE FUNCTION u(i bigint, salt integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT ((hashint8extended(i, salt) >> 11) & 4503599627370495)::float8 / 4503599627370496.0 $$;
CREATE FUNCTION word(x float8) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT (ARRAY['ba','ce','di','fo','gu','ha','ke','li','mo','nu','pa','re','si','to','vu','wa'])[1 + floor(x * 16)::int]
     || (ARRAY['lan','mer','nik','pol','rus','sten','tav','vor'])[1 + floor((x * 4096)::numeric % 8)::int]
     || (ARRAY['a','ed','ing','or','s','ung',''])[1 + floor((x * 1048576)::numeric % 7)::int] $$;

CREATE TABLE things (
  id bigint PRIMARY KEY, small smallint NOT NULL, code integer NOT NULL, skewed integer NOT NULL, rare integer,
  half integer, ref uuid NOT NULL, price numeric(12, 2) NOT NULL, ratio float8 NOT NULL, flag boolean NOT NULL,
  day date NOT NULL, at timestamptz NOT NULL, late timestamptz, mark char(8) NOT NULL, name varchar(60) NOT NULL,
  email text NOT NULL, title text NOT NULL, body text, doc jsonb NOT NULL, tags text[] NOT NULL, numbers integer[],
  during tstzrange NOT NULL, span int4range NOT NULL, place point NOT NULL, address inet NOT NULL,
  words tsvector NOT NULL, raw bytea NOT NULL);

INSERT INTO things
  SELECT i, (u(i, 1) * 300)::smallint, floor(u(i, 2) * :rows / 20)::int, floor(u(i, 3) ^ 4 * 5000)::int,
    CASE WHEN u(i, 4) < 0.02 THEN floor(u(i, 5) * 400)::int END, CASE WHEN u(i, 6) < 0.5 THEN (u(i, 7) * 1e9)::int END,
    md5(i::text)::uuid, round((u(i, 8) ^ 3 * 9000)::numeric, 2), u(i, 9), u(i, 10) < 0.07,
    date '2023-01-01' + (i * 700 / :rows)::int, timestamptz '2023-01-01 00:00+00' + i * interval '97 seconds',
    CASE WHEN u(i, 11) < 0.3 THEN timestamptz '2024-01-01 00:00+00' + u(i, 12) * interval '200 days' END,
    upper(substr(md5(floor(u(i, 13) * 900)::text), 1, 8)), word(u(i, 14)) || ' ' || word(u(i, 15)),
    CASE WHEN u(i, 16) < 0.5 THEN upper(word(u(i, 17))) ELSE word(u(i, 17)) END || i || '@' || word(u(i % 40, 18)) || '.example',
    word(u(i, 19)) || ' ' || word(u(i, 20)) || ' ' || word(u(i, 21)) || ' ' || word(u(i, 22)),
    CASE WHEN u(i, 23) < 0.8 THEN repeat(word(u(i, 24)) || ' ', 1 + (u(i, 25) * 25)::int) END,
    jsonb_build_object('color', word(u((u(i, 26) * 12)::int, 27)), 'size', (u(i, 28) * 60)::int,
      'owner', jsonb_build_object('id', (u(i, 29) * 8000)::int, 'group', 'g' || (u(i, 30) ^ 2 * 90)::int))
      || CASE WHEN u(i, 31) < 0.1 THEN jsonb_build_object('note', word(u(i, 32))) ELSE '{}' END,
    ARRAY(SELECT 't' || floor(u(i * 8 + k, 33) ^ 3 * 2000)::int FROM generate_series(1, 1 + (u(i, 34) * 4)::int) k),
    CASE WHEN u(i, 35) < 0.6 THEN ARRAY[floor(u(i, 36) * 500)::int, floor(u(i, 37) * 500)::int, floor(u(i, 38) * 500)::int] END,
    tstzrange(timestamptz '2023-01-01 00:00+00' + i * interval '97 seconds',
      timestamptz '2023-01-01 00:00+00' + i * interval '97 seconds' + u(i, 39) * interval '3 hours'),
    int4range(floor(u(i, 40) * 1e6)::int, floor(u(i, 40) * 1e6)::int + 1 + (u(i, 41) * 500)::int),
    point(u(i, 42) * 1000, u(i, 43) ^ 2 * 1000), ('10.' || (u(i, 44) * 255)::int || '.' || (u(i, 45) * 255)::int || '.' || (u(i, 46) * 255)::int)::inet,
    to_tsvector('simple', word(u(i, 47)) || ' ' || word(u(i, 48)) || ' ' || word(u(i, 49) ^ 3) || ' ' || word(u(i, 50) ^ 5) || ' ' || word(u(i, 51)) || ' n' || (u(i, 52) * 3000)::int),
    decode(md5((i % 5000)::text), 'hex')
  FROM generate_series(1, :rows) i;
VACUUM (FREEZE, ANALYZE);
CHECKPOINT;

/// Indexes of every method, on columns and expressions, whole and partial.
enum IndexesCase {
  static let value = PlannerCase(
    name: "indexes",
    schema: #"""
      CREATE TABLE event (id bigint PRIMARY KEY, kind text NOT NULL, at timestamptz NOT NULL, done boolean, body jsonb,
        words text, score double precision, spot point, range_ int4range, tags int[], who varchar(30), ip inet);
      INSERT INTO event SELECT i, 'kind' || (i % 37) * (i % 37) / 50, timestamptz '2024-01-01+00' + i * interval '11 seconds',
        i % 97 = 0, jsonb_build_object('a', i % 60, 'b', 'x' || i % 9), 'some words ' || i % 500, sqrt(i),
        point(i % 300, i % 200), int4range(i % 1000, i % 1000 + i % 30), ARRAY[i % 40, i % 41], 'Who' || i % 800,
        ('192.168.' || i % 250 || '.' || i % 3)::inet FROM generate_series(1, 50000) i;
      CREATE INDEX e1 ON event (kind, at DESC) INCLUDE (score);
      CREATE INDEX e2 ON event (lower(who)); CREATE INDEX e3 ON event ((body ->> 'b'), ((body ->> 'a')::int));
      CREATE INDEX e4 ON event (at) WHERE done; CREATE INDEX e5 ON event (who varchar_pattern_ops);
      CREATE INDEX e6 ON event USING hash (words); CREATE INDEX e7 ON event USING gin (body);
      CREATE INDEX e8 ON event USING gin (to_tsvector('simple', words)); CREATE INDEX e9 ON event USING gin (tags);
      CREATE INDEX e10 ON event USING gist (spot); CREATE INDEX e11 ON event USING gist (range_);
      CREATE INDEX e12 ON event USING spgist (spot); CREATE INDEX e13 ON event USING spgist (ip);
      CREATE INDEX e14 ON event USING brin (at) WITH (pages_per_range = 16); CREATE INDEX e15 ON event (score NULLS FIRST) WITH (fillfactor = 50);
      CREATE UNIQUE INDEX e16 ON event (id, kind) WHERE kind = 'kind5'; CREATE INDEX e17 ON event (date_trunc('day', at AT TIME ZONE 'UTC'));
      CREATE INDEX e18 ON event USING gist (circle(spot, 3)); CREATE INDEX e19 ON event (length(words)) WHERE length(words) > 12;
      """#,
    queries: [
      "SELECT kind, at, score FROM event WHERE kind = 'kind5' ORDER BY at DESC LIMIT 20",
      "SELECT * FROM event WHERE lower(who) = 'who77'", "SELECT * FROM event WHERE lower(who) > 'who9'",
      "SELECT * FROM event WHERE body ->> 'b' = 'x3' AND (body ->> 'a')::int < 3",
      "SELECT * FROM event WHERE (body ->> 'a')::int = 59",
      "SELECT * FROM event WHERE done AND at > '2024-01-05+00'", "SELECT * FROM event WHERE done",
      "SELECT * FROM event WHERE who LIKE 'Who12%'", "SELECT * FROM event WHERE words = 'some words 7'",
      "SELECT * FROM event WHERE body @> '{\"a\": 7}'", "SELECT * FROM event WHERE body ? 'zz'",
      "SELECT * FROM event WHERE to_tsvector('simple', words) @@ 'some & 77'",
      "SELECT * FROM event WHERE tags @> ARRAY[3, 4]",
      "SELECT * FROM event WHERE tags && ARRAY[3, 4]", "SELECT * FROM event WHERE spot <@ box '(0,0),(5,5)'",
      "SELECT * FROM event ORDER BY spot <-> point '(3,4)' LIMIT 5",
      "SELECT * FROM event WHERE range_ && int4range(5, 9)",
      "SELECT * FROM event WHERE range_ @> 500", "SELECT * FROM event WHERE ip << '192.168.7.0/24'",
      "SELECT count(*) FROM event WHERE at BETWEEN '2024-01-03+00' AND '2024-01-03 02:00+00'",
      "SELECT * FROM event WHERE score IS NULL",
      "SELECT * FROM event ORDER BY score NULLS FIRST LIMIT 9", "SELECT * FROM event WHERE id = 7 AND kind = 'kind5'",
      "SELECT * FROM event WHERE date_trunc('day', at AT TIME ZONE 'UTC') = '2024-01-04'",
      "SELECT date_trunc('day', at AT TIME ZONE 'UTC'), count(*) FROM event GROUP BY 1",
      "SELECT * FROM event WHERE circle(spot, 3) && circle '((1,1),2)'", "SELECT * FROM event WHERE length(words) = 13",
      "SELECT min(at), max(at) FROM event", "SELECT * FROM event WHERE at > '2024-01-07 08:40+00'",
      "SELECT * FROM event WHERE id > 49990",
      "SELECT * FROM event a JOIN event b ON lower(a.who) = lower(b.who) WHERE a.id < 10",
    ])
}

/// Operator classes and types of contrib's extensions.
enum ContribCase {
  static let value = PlannerCase(
    name: "contrib", needsContrib: true,
    schema: #"""
      CREATE SCHEMA ext;
      CREATE EXTENSION pg_trgm SCHEMA ext; CREATE EXTENSION btree_gist; CREATE EXTENSION btree_gin; CREATE EXTENSION citext SCHEMA ext;
      CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION intarray; CREATE EXTENSION cube; CREATE EXTENSION seg;
      CREATE EXTENSION unaccent; CREATE EXTENSION bloom; CREATE EXTENSION pageinspect; CREATE EXTENSION dblink;
      CREATE EXTENSION postgres_fdw;
      CREATE TABLE item (id int PRIMARY KEY, name text, mail ext.citext UNIQUE, attributes hstore, path ltree, numbers int[], spot cube,
        room int, during tstzrange, EXCLUDE USING gist (room WITH =, during WITH &&));
      INSERT INTO item SELECT i, md5(i::text), 'User' || i || '@Example.org', hstore('k', (i % 50)::text), ('top.a' || i % 9 || '.b' || i)::ltree,
        ARRAY[i % 30, i % 31], cube(ARRAY[i % 10, i % 7]::float8[]), i % 20,
        tstzrange(timestamptz '2024-01-01' + i * interval '1 day', timestamptz '2024-01-01' + i * interval '1 day' + interval '1 hour') FROM generate_series(1, 8000) i;
      CREATE INDEX i1 ON item USING gin (name ext.gin_trgm_ops); CREATE INDEX i2 ON item USING gist (name ext.gist_trgm_ops (siglen = 64));
      CREATE INDEX i3 ON item USING gin (attributes); CREATE INDEX i4 ON item USING gist (path); CREATE INDEX i5 ON item USING gin (numbers gin__int_ops);
      CREATE INDEX i6 ON item USING gist (spot); CREATE INDEX i7 ON item USING gin (room, name ext.gin_trgm_ops); CREATE INDEX i8 ON item USING bloom (room, id);
      CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT public.unaccent($1)';
      CREATE INDEX i9 ON item (plain(name));
      CREATE VIEW far AS SELECT * FROM dblink('dbname=shop', 'SELECT 1') AS t (a int);
      """#,
    queries: [
      "SELECT * FROM item WHERE name ILIKE '%abcd%'", "SELECT * FROM item WHERE name ~ 'ab.*cd'",
      "SELECT * FROM item ORDER BY name OPERATOR(ext.<->) 'abcd' LIMIT 5",
      "SELECT * FROM item WHERE mail = 'user7@example.org'", "SELECT * FROM item WHERE mail > 'v'",
      "SELECT * FROM item WHERE attributes @> 'k=>7'",
      "SELECT * FROM item WHERE path <@ 'top.a3'", "SELECT * FROM item WHERE path ~ '*.b77'",
      "SELECT * FROM item WHERE numbers @> ARRAY[5]",
      "SELECT * FROM item WHERE numbers @@ '5&6'", "SELECT * FROM item WHERE spot <@ '(1,1),(2,2)'",
      "SELECT * FROM item WHERE room = 5 AND name LIKE '%ab%'",
      "SELECT * FROM item WHERE room = 5 AND during && tstzrange('2024-03-01+00', '2024-03-09+00')",
      "SELECT * FROM item WHERE plain(name) = 'x'",
    ],
    leftOut: ["extension dblink", "extension postgres_fdw", "view far"])
}

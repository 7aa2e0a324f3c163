/// Types of users and of the server, with the statistics that each has.
enum TypesCase {
  static let value = PlannerCase(
    name: "types",
    schema: #"""
      CREATE TYPE mood AS ENUM ('sad', 'so so', 'ok', 'happy');
      CREATE FUNCTION is_code(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 ~ ''^[a-z0-9 -]*$''';
      CREATE DOMAIN code AS varchar(20) DEFAULT 'none' CHECK (is_code(VALUE));
      CREATE DOMAIN short_code AS code NOT NULL CHECK (length(VALUE) < 15);
      CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0);
      CREATE DOMAIN tags AS text[] CHECK (cardinality(VALUE) < 10);
      CREATE TYPE place AS (street text, number int);
      CREATE FUNCTION distance_of(double precision, double precision) RETURNS double precision
        LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
      CREATE TYPE weight AS RANGE (subtype = double precision, subtype_diff = distance_of);
      CREATE TABLE thing (
        id int PRIMARY KEY, mood mood, moods mood[], code code, short short_code, price cents, tags tags, place place,
        places place[], during tstzrange, weight weight, amounts numeric(10, 2)[], doc jsonb, plain json, key uuid,
        address inet, network cidr, mac macaddr, flag boolean, bits bit(8), varbits bit varying, raw bytea, words tsvector,
        span interval, clock time, local timestamp, day date, real_ real, double_ double precision, money_ money,
        small smallint, char_ "char", name_ name, fixed character(12), spot point, area polygon, extent box, oid_ oid,
        class_ regclass, document xml);
      INSERT INTO thing SELECT i, (enum_range(NULL::mood))[1 + i % 4], ARRAY[(enum_range(NULL::mood))[1 + i % 3], 'ok'],
        'c' || i % 300, 's' || i % 70, (i * 37) % 5000, ARRAY['t' || i % 19, 'u' || i % 7],
        ROW('street ' || i % 40, i % 10)::place, ARRAY[ROW('a', i % 5)::place],
        tstzrange(timestamptz '2024-01-01' + i * interval '1 hour', timestamptz '2024-01-01' + (i + i % 50) * interval '1 hour'),
        weight(i % 90, i % 90 + 5), ARRAY[i % 11, i % 13]::numeric[], jsonb_build_object('k', i % 25, 'l', ARRAY[i % 3]),
        '{}', md5(i::text)::uuid, ('10.0.' || i % 200 || '.' || i % 250)::inet, ('10.' || i % 200 || '.0.0/16')::cidr,
        ('08:00:2b:01:02:' || lpad(to_hex(i % 256), 2, '0'))::macaddr, i % 9 = 0, (i % 256)::bit(8),
        B'1' || (i % 4)::bit(2), decode(md5((i % 500)::text), 'hex'), to_tsvector('simple', 'word' || i % 60 || ' common'),
        i % 400 * interval '1 minute', time '00:00' + i % 86000 * interval '1 second', timestamp '2024-01-01' + i * interval '1 min',
        date '2024-01-01' + i % 700, i % 77 / 3.0, i / 7.0, (i % 99)::numeric::money, i % 250, chr(65 + i % 26)::"char",
        'n' || i % 110, 'fixed' || i % 45, point(i % 100, i % 37), polygon(box(point(i % 10, 0), point(i % 10 + 1, 2))),
        box(point(0, 0), point(i % 50, 1)), 1000 + i % 40, 'pg_class', NULL
        FROM generate_series(1, 12000) i;
      UPDATE thing SET mood = NULL, code = NULL, during = 'empty' WHERE id % 31 = 0;
      CREATE INDEX ON thing (mood); CREATE INDEX ON thing (code); CREATE INDEX ON thing (place);
      CREATE INDEX ON thing USING gist (during); CREATE INDEX ON thing USING gin (tags);
      CREATE INDEX ON thing USING gin (words); CREATE INDEX ON thing USING gin (doc jsonb_path_ops);
      CREATE INDEX ON thing USING gist (spot); CREATE INDEX ON thing (local); CREATE INDEX ON thing (double_ DESC NULLS LAST);
      """#,
    queries: [
      "SELECT * FROM thing WHERE mood = 'happy'", "SELECT * FROM thing WHERE mood > 'so so' AND id < 3000",
      "SELECT mood, count(*) FROM thing GROUP BY mood", "SELECT * FROM thing WHERE moods @> ARRAY['sad'::mood]",
      "SELECT * FROM thing WHERE code = 'c7'", "SELECT * FROM thing WHERE code = 'c7'::code",
      "SELECT * FROM thing WHERE short > 's5' AND short < 's6'", "SELECT * FROM thing WHERE price < 100",
      "SELECT * FROM thing WHERE tags @> ARRAY['t5']", "SELECT * FROM thing WHERE 'u3' = ANY (tags)",
      "SELECT * FROM thing WHERE place = ROW('street 5', 5)::place", "SELECT * FROM thing WHERE (place).number = 4",
      "SELECT * FROM thing WHERE places = ARRAY[ROW('a', 3)::place]",
      "SELECT * FROM thing WHERE during @> timestamptz '2024-03-03 03:00+00'",
      "SELECT * FROM thing WHERE during && tstzrange('2024-05-01+00', '2024-05-02+00')",
      "SELECT * FROM thing WHERE during << tstzrange('2024-02-01+00', NULL)",
      "SELECT * FROM thing WHERE isempty(during)",
      "SELECT * FROM thing WHERE weight @> 5.5::double precision", "SELECT * FROM thing WHERE weight && weight(10, 20)",
      "SELECT * FROM thing WHERE weight < weight(30, 40)",
      "SELECT * FROM thing WHERE amounts && ARRAY[3.00]::numeric[]",
      "SELECT * FROM thing WHERE doc @> '{\"k\": 3}'", "SELECT * FROM thing WHERE doc ->> 'k' = '3'",
      "SELECT * FROM thing WHERE key > 'f0000000-0000-0000-0000-000000000000'",
      "SELECT * FROM thing WHERE address << '10.0.5.0/24'", "SELECT * FROM thing WHERE network >>= '10.7.1.1'",
      "SELECT * FROM thing WHERE mac = '08:00:2b:01:02:0f'", "SELECT * FROM thing WHERE flag",
      "SELECT * FROM thing WHERE flag IS NOT TRUE", "SELECT * FROM thing WHERE bits = B'00000111'",
      "SELECT * FROM thing WHERE varbits > B'101'", "SELECT * FROM thing WHERE raw < '\\x20'",
      "SELECT * FROM thing WHERE words @@ 'word7'", "SELECT * FROM thing WHERE words @@ 'common & word8'",
      "SELECT * FROM thing WHERE span < interval '20 min'",
      "SELECT * FROM thing WHERE clock BETWEEN '02:00' AND '02:30'",
      "SELECT * FROM thing WHERE local > '2024-01-09 00:00'", "SELECT * FROM thing WHERE local < '2024-01-01 00:10'",
      "SELECT * FROM thing WHERE day = '2024-02-29'", "SELECT * FROM thing WHERE real_ < 3",
      "SELECT * FROM thing WHERE double_ > 1700", "SELECT * FROM thing ORDER BY double_ DESC NULLS LAST LIMIT 7",
      "SELECT * FROM thing WHERE money_ = '5'::money", "SELECT * FROM thing WHERE small IN (5, 6, 1000)",
      "SELECT * FROM thing WHERE char_ = 'C'", "SELECT * FROM thing WHERE name_ = 'n12'",
      "SELECT * FROM thing WHERE fixed = 'fixed12'", "SELECT * FROM thing WHERE fixed > 'fixed4'",
      "SELECT * FROM thing WHERE spot <@ box '(0,0),(3,3)'",
      "SELECT * FROM thing ORDER BY spot <-> point '(1,1)' LIMIT 3",
      "SELECT * FROM thing WHERE area && polygon '((0,0),(1,1),(1,0))'",
      "SELECT * FROM thing WHERE extent ~= box '(5,1),(0,0)'",
      "SELECT * FROM thing WHERE oid_ = 1005", "SELECT * FROM thing WHERE document IS NULL",
      "SELECT * FROM thing a JOIN thing b ON a.code = b.short AND a.mood = b.mood",
      "SELECT DISTINCT code, mood FROM thing", "INSERT INTO thing (id) VALUES (0)",
      "INSERT INTO thing (id, code) SELECT id + 100000, code FROM thing WHERE price > 4000",
    ])
}

enum MultirangeCase {
  static let value = PlannerCase(
    name: "multiranges", since: 14,
    schema: #"""
      CREATE TYPE weight AS RANGE (subtype = numeric, multirange_type_name = weights);
      CREATE TABLE stay (id int PRIMARY KEY, nights datemultirange, loads weights, hours int4multirange);
      INSERT INTO stay SELECT i, datemultirange(daterange(date '2024-01-01' + i % 300, date '2024-01-01' + i % 300 + i % 9)),
        weights(weight(i % 50, i % 50 + 3)), int4multirange(int4range(i % 20, i % 20 + 2), int4range(100, 120))
        FROM generate_series(1, 6000) i;
      CREATE INDEX ON stay USING gist (nights);
      """#,
    queries: [
      "SELECT * FROM stay WHERE nights @> date '2024-03-03'",
      "SELECT * FROM stay WHERE nights && daterange('2024-03-03', '2024-03-09')",
      "SELECT * FROM stay WHERE loads && weights(weight(4, 5))", "SELECT * FROM stay WHERE hours @> 7",
      "SELECT * FROM stay WHERE hours = '{[1,3),[100,120)}'", "SELECT * FROM stay WHERE loads < weights(weight(9, 10))",
    ])
}

/// Collations of every provider that Debian's server has.
enum CollationCase {
  static let value = PlannerCase(
    name: "collations", needsContrib: true,
    schema: #"""
      CREATE COLLATION german (provider = icu, locale = 'de-u-co-phonebk');
      CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE COLLATION plain (lc_collate = 'C', lc_ctype = 'C');
      CREATE DOMAIN german_name AS text COLLATE german;
      CREATE TABLE person (id int PRIMARY KEY, name text COLLATE german, login text COLLATE ignoring_case,
        key text COLLATE "C", nick text COLLATE plain, family german_name, bare text);
      INSERT INTO person SELECT i, (ARRAY['Ärger', 'azur', 'Zebra', 'zoo', 'Öl', 'o'])[1 + i % 6] || i % 90, 'User' || i % 2000,
        'k' || i, 'n' || i % 50, 'F' || i % 800, 'b' || i % 30 FROM generate_series(1, 9000) i;
      CREATE INDEX ON person (name); CREATE INDEX ON person (name COLLATE "C"); CREATE UNIQUE INDEX ON person (key);
      CREATE INDEX ON person (login); CREATE INDEX ON person (lower(bare) COLLATE german);
      """#,
    queries: [
      "SELECT * FROM person WHERE name > 'Z'", "SELECT * FROM person WHERE name COLLATE \"C\" > 'Z'",
      "SELECT * FROM person WHERE login = 'user77'", "SELECT * FROM person ORDER BY name LIMIT 5",
      "SELECT * FROM person ORDER BY name COLLATE \"C\" LIMIT 5", "SELECT * FROM person WHERE key LIKE 'k12%'",
      "SELECT * FROM person WHERE nick BETWEEN 'n1' AND 'n2'", "SELECT * FROM person WHERE family < 'F2'",
      "SELECT * FROM person WHERE lower(bare) COLLATE german = 'b7'",
      "SELECT login, count(*) FROM person GROUP BY login",
      "SELECT * FROM person a JOIN person b ON a.login = b.login WHERE a.id < 20",
      "SELECT * FROM person WHERE key > 'k9'",
    ])
}

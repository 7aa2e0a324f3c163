/// Partitions of every kind and inheritance.
enum PartitionCase {
  static let value = PlannerCase(
    name: "partitions and inheritance",
    schema: #"""
      CREATE TABLE measure (id bigint NOT NULL, region text NOT NULL, at date NOT NULL, value int, note text)
        PARTITION BY RANGE (at);
      CREATE TABLE measure_2024 PARTITION OF measure FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
        PARTITION BY LIST (region);
      CREATE TABLE measure_2024_eu PARTITION OF measure_2024 FOR VALUES IN ('de', 'fr', 'it');
      CREATE TABLE measure_2024_us PARTITION OF measure_2024 FOR VALUES IN ('us');
      CREATE TABLE measure_2024_rest PARTITION OF measure_2024 DEFAULT PARTITION BY HASH (id);
      CREATE TABLE measure_2024_rest_0 PARTITION OF measure_2024_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE measure_2024_rest_1 PARTITION OF measure_2024_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      CREATE TABLE measure_2025 (note text, id bigint NOT NULL, gone int, region text NOT NULL, at date NOT NULL, value int);
      ALTER TABLE measure_2025 DROP COLUMN gone;
      ALTER TABLE measure ATTACH PARTITION measure_2025 FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
      CREATE TABLE measure_old PARTITION OF measure DEFAULT;
      ALTER TABLE measure ADD PRIMARY KEY (id, region, at);
      CREATE INDEX measure_value ON measure (value) WHERE value > 900;
      CREATE INDEX measure_2025_note ON measure_2025 (note);
      INSERT INTO measure SELECT i, (ARRAY['de', 'fr', 'us', 'jp', 'br'])[1 + i % 5],
        date '2023-11-01' + (i / 100), (i * 7919) % 1000, 'n' || i % 300 FROM generate_series(1, 60000) i;
      CREATE TABLE alarm (id int PRIMARY KEY, measure bigint NOT NULL, region text NOT NULL, at date NOT NULL,
        FOREIGN KEY (measure, region, at) REFERENCES measure);
      INSERT INTO alarm SELECT i, m.id, m.region, m.at FROM (SELECT *, row_number() OVER (ORDER BY id) AS i
        FROM measure WHERE id % 12 = 0) m;
      CREATE TABLE hashed (key uuid NOT NULL, payload text) PARTITION BY HASH (key);
      CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0) WITH (fillfactor = 60);
      CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1);
      CREATE TABLE hashed_2 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2);
      INSERT INTO hashed SELECT md5(i::text)::uuid, repeat('x', 20) FROM generate_series(1, 20000) i;
      CREATE INDEX ON hashed (key);
      CREATE TABLE by_expression (a int, b int) PARTITION BY RANGE ((a % 10), b);
      CREATE TABLE by_expression_1 PARTITION OF by_expression FOR VALUES FROM (0, MINVALUE) TO (5, MINVALUE);
      CREATE TABLE by_expression_2 PARTITION OF by_expression FOR VALUES FROM (5, MINVALUE) TO (10, MAXVALUE);
      INSERT INTO by_expression SELECT i, i FROM generate_series(1, 8000) i;
      CREATE TABLE no_partitions (a int, b text) PARTITION BY LIST (b);
      CREATE TABLE animal (id int, name text, CHECK (id > 0));
      CREATE TABLE pet (owner text) INHERITS (animal);
      CREATE TABLE wild (habitat text, CHECK (habitat <> 'house') NO INHERIT) INHERITS (animal);
      CREATE TABLE mixed (extra int) INHERITS (pet, wild);
      INSERT INTO animal SELECT i, 'a' || i FROM generate_series(1, 2000) i;
      INSERT INTO pet SELECT i, 'p' || i, 'o' || i % 50 FROM generate_series(1, 5000) i;
      INSERT INTO wild SELECT i, 'w' || i, 'h' || i % 5 FROM generate_series(1, 7000) i;
      INSERT INTO mixed (id, name, owner, habitat) SELECT i, 'm' || i, 'o', 'h' FROM generate_series(1, 500) i;
      CREATE INDEX ON pet (id); CREATE INDEX ON wild (id);
      ALTER DATABASE shop SET enable_partitionwise_join = on;
      ALTER DATABASE shop SET enable_partitionwise_aggregate = on;
      """#,
    queries: [
      "SELECT * FROM measure WHERE at = '2024-05-05'",
      "SELECT * FROM measure WHERE at BETWEEN '2024-12-01' AND '2025-02-01' AND region = 'de'",
      "SELECT * FROM measure WHERE region = 'jp' AND id = 4",
      "SELECT * FROM measure WHERE id = 77",
      "SELECT region, count(*) FROM measure GROUP BY region",
      "SELECT at, max(value) FROM measure WHERE at > '2024-06-01' GROUP BY at ORDER BY at LIMIT 5",
      "SELECT * FROM measure WHERE value = 950",
      "SELECT * FROM measure_2024 WHERE region = 'us' AND at = '2024-02-02'",
      "SELECT * FROM measure_2025 WHERE note = 'n7'",
      "SELECT * FROM measure m JOIN alarm a ON (a.measure, a.region, a.at) = (m.id, m.region, m.at) WHERE a.id < 50",
      "SELECT count(*) FROM measure m JOIN measure n ON (m.id, m.region, m.at) = (n.id, n.region, n.at)",
      "SELECT * FROM hashed WHERE key = md5('5')::uuid", "SELECT count(*) FROM hashed",
      "SELECT * FROM by_expression WHERE a % 10 = 7 AND b < 100", "SELECT * FROM no_partitions",
      "SELECT * FROM animal WHERE id = 5", "SELECT * FROM ONLY animal WHERE id = 5",
      "SELECT * FROM animal WHERE id BETWEEN 100 AND 200 ORDER BY id", "SELECT * FROM pet WHERE owner = 'o7'",
      "UPDATE measure SET value = 1 WHERE at = '2024-03-03' AND region = 'fr'",
      "DELETE FROM animal WHERE id < 10", "SELECT * FROM measure ORDER BY at DESC LIMIT 10",
    ])
}

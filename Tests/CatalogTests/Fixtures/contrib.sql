-- What needs PostgreSQL's contrib modules, on top of everything.sql.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
CREATE INDEX customers_name_trgm ON shop.customers USING gin (name gin_trgm_ops);
CREATE TABLE shop.bookings (room integer, during tsrange, EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.invalid');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (user 'remote', password 'mapping-hunter2');
CREATE FOREIGN TABLE shop.far (id integer NOT NULL, name text) SERVER elsewhere;
CREATE EXTENSION pageinspect;
ANALYZE;

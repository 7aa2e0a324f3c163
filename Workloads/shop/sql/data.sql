-- Rows. Every value is a pure function of a row number and a salt, so that loading again gives the same rows.
-- psql variable: scale (1 = full size).
SELECT greatest(10, (200 * least(1, :scale * 4))::int) AS n_tenants, (150000 * :scale)::int AS n_customers,
       (210000 * :scale)::int AS n_addresses, (60000 * :scale)::int AS n_products, (400000 * :scale)::int AS n_orders,
       (300000 * :scale)::int AS n_jobs, (400000 * :scale)::int AS n_audit, (120000 * :scale)::int AS n_reviews,
       (220000 * :scale)::int AS n_tickets, (300000 * :scale)::int AS n_views, (400000 * :scale)::int AS n_moves,
       (4000 * :scale)::int AS n_people, (60000 * :scale)::int AS n_notes, (60000 * :scale)::int AS n_calendar,
       greatest(50, (1500 * :scale)::int) AS n_batch \gset

SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';
SET synchronous_commit = off;

CREATE SCHEMA gen;

-- Uniform in [0, 1), a function of the row and a salt.
CREATE FUNCTION gen.u(i bigint, salt integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT ((hashint8extended(i, salt) >> 11) & 4503599627370495)::float8 / 4503599627370496.0 $$;
CREATE FUNCTION gen.pick(words text[], u float8) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT words[1 + floor(u * cardinality(words))::int] $$;
CREATE FUNCTION gen.first_name(u float8) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT gen.pick('{Ada,Alma,Anton,Arvid,Beate,Bela,Bruno,Carla,Cosima,Dario,Edda,Elias,Emil,Enno,Fanny,Finn,Frida,Gerd,Greta,Hanna,Hedda,Hugo,Ida,Ilka,Irma,Ivo,Jana,Jonas,Judith,Karl,Klara,Lars,Lena,Levi,Lotte,Mara,Marek,Mats,Mila,Nele,Nils,Nora,Olaf,Olga,Paula,Pia,Quentin,Rasmus,Rieke,Rosa,Samuel,Silas,Svea,Tamme,Thea,Till,Ulla,Vera,Wanda,Zoe}', u) $$;
CREATE FUNCTION gen.last_name(i bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT initcap(gen.pick('{bar,ber,bro,dal,del,fal,fen,gar,gol,hal,hen,kal,kor,lan,lem,mar,mor,nor,ost,pal,ram,ros,sal,tor,val}', gen.u(i, 21))
      || gen.pick('{ba,de,do,fi,go,ka,ke,la,li,lo,ma,ne,ni,no,ra,ri,ro,sa,te,vi}', gen.u(i, 22))
      || gen.pick('{berg,dahl,feld,hagen,holm,ius,kamp,lund,mann,nik,rup,sen,ski,son,stad,stein,thal,vik,witz,zer}', gen.u(i, 23))) $$;
CREATE FUNCTION gen.sentence(u float8) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT gen.pick(ARRAY['Arrived a day early and well packed.','The colour is a little darker than in the picture.','Would buy it again without thinking.','The manual is missing a page.','Sturdy, heavier than it looks.','Not what I expected at this price.','Customer service answered within an hour.','The second one broke after a week.','Fits exactly where the old one was.','My neighbour wants one too.','Assembly took twenty minutes with two people.','It hums quietly when it is warm.','Good value, plain design.','The surface scratches easily.','Delivery left it with the wrong house.','Returned it and got the money back.','Works with the older model as well.','The screws are of a poor kind.','Smells of varnish for some days.','Exactly as described.','Needs a stronger shelf than mine.','The lid does not close fully.','Bought three for the office.','Battery lasts about two weeks.','Looks better in daylight.'], u) $$;
CREATE FUNCTION gen.prose(i bigint, salt integer) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT gen.sentence(gen.u(i, salt)) || ' ' || gen.sentence(gen.u(i, salt + 1)) || ' ' || gen.sentence(gen.u(i, salt + 2)) || ' '
      || gen.sentence(gen.u(i, salt + 3)) || ' ' || gen.sentence(gen.u(i, salt + 4)) || ' ' || gen.sentence(gen.u(i, salt + 5)) $$;
-- Tenants are very unequal: the first has a sixth of everything, most have a few thousandths.
CREATE FUNCTION gen.tenant(u float8, n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
  $$ SELECT 1 + floor(n * u * u * u)::int $$;

BEGIN;
INSERT INTO tenants
  SELECT t, 'tenant-' || t, gen.last_name(t) || ' & Co', gen.pick('{free,free,free,team,team,business}', gen.u(t, 1)),
         timestamptz '2022-01-01 09:00+00' + t * interval '5 days'
  FROM generate_series(1, :n_tenants) t;
INSERT INTO warehouses SELECT w, 'WH-' || w, (ARRAY['DE','DE','FR','PL','IT','NL','SE','ES'])[w] FROM generate_series(1, 8) w;
INSERT INTO categories
  SELECT c, CASE WHEN c > 12 THEN 1 + (c - 13) % 12 END, 'Category ' || c FROM generate_series(1, 240) c;
INSERT INTO coupons
  SELECT 'SAVE' || lpad(c::text, 4, '0'), 5 + c % 40, date '2025-06-01' + c, c % 5 <> 0 FROM generate_series(1, 400) c;

INSERT INTO customers (id, tenant_id, email, full_name, phone, country, loyalty_points, created_at, deleted_at)
  SELECT i, gen.tenant(gen.u(i, 2), :n_tenants),
         CASE WHEN gen.u(i, 3) < 0.3 THEN f || '.' || l || i ELSE lower(f || '.' || l || i) END || '@'
           || gen.pick('{post.example,mail.example,inbox.example,letters.example}', gen.u(i, 4)),
         f || ' ' || l, '+49 30 ' || lpad((gen.u(i, 5) * 1e7)::int::text, 7, '0'),
         gen.pick('{DE,DE,DE,DE,DE,FR,FR,PL,IT,NL,SE,ES}', gen.u(i, 6)), (gen.u(i, 7) ^ 4 * 5000)::int,
         timestamptz '2021-01-01 08:00+00' + i::float8 / :n_customers * interval '1300 days',
         CASE WHEN gen.u(i, 8) < 0.04 THEN timestamptz '2025-11-01 08:00+00' + gen.u(i, 9) * interval '100 days' END
  FROM (SELECT i, gen.first_name(gen.u(i, 10)) AS f, gen.last_name(i) AS l FROM generate_series(1, :n_customers) i) s;

-- Postcode, city and country go together.
INSERT INTO addresses (id, customer_id, kind, street, postcode, city, country)
  SELECT i, c, gen.pick('{billing,shipping,shipping,other}', gen.u(i, 31)),
         gen.last_name(i % 900 + 1) || ' Street ' || (1 + gen.u(i, 32) * 140)::int,
         lpad((10000 + place * 37)::text, 5, '0'), 'City ' || (1 + place / 6), (ARRAY['DE','FR','PL','IT','NL','SE','ES'])[1 + place / 6 % 7]
  FROM (SELECT i, CASE WHEN i <= :n_customers THEN i ELSE 1 + floor(:n_customers * gen.u(i, 30))::int END AS c,
               floor(1800 * gen.u(i, 33) ^ 2)::int AS place
        FROM generate_series(1, :n_addresses) i) s;

CREATE TABLE gen.tenant_products AS
  SELECT t AS tenant_id, n, (sum(n) OVER (ORDER BY t) - n + 1)::int AS first_id
  FROM (SELECT t, greatest(8, round(:n_products * ((t::float8 / :n_tenants) ^ (1.0 / 3) - ((t - 1)::float8 / :n_tenants) ^ (1.0 / 3))))::int AS n
        FROM generate_series(1, :n_tenants) t) s;
CREATE INDEX ON gen.tenant_products (tenant_id);
SELECT sum(n) AS n_products FROM gen.tenant_products \gset

-- Material and colour depend on the category; a few products have rare attributes.
INSERT INTO products (id, tenant_id, category_id, sku, name, description, price_cents, attributes, active, created_at)
  SELECT i, t, c, 'SKU-' || lpad(k::text, 6, '0'),
         gen.pick('{Plain,Fine,Heavy,Light,Round,Tall,Small,Folding}', gen.u(i, 41)) || ' '
           || gen.pick('{Lamp,Chair,Shelf,Kettle,Blanket,Clock,Basket,Mirror,Table,Vase}', gen.u(i, 42)) || ' ' || gen.last_name(i % 3000),
         gen.prose(i, 43), (200 + gen.u(i, 49) ^ 5 * 90000)::bigint,
         jsonb_build_object('color', gen.pick('{red,blue,green,black,white,grey,yellow,teal}', (gen.u(i, 50) + c % 4) / 4.0),
                            'material', gen.pick('{oak,steel,wool,glass,linen,cork,brass,clay,pine,felt}', (gen.u(i, 51) + c % 5) / 5.0),
                            'weight_g', (100 + gen.u(i, 52) * 9000)::int, 'brand', 'Brand ' || (gen.u(i, 53) ^ 2 * 400)::int)
           || CASE WHEN gen.u(i, 54) < 0.01 THEN jsonb_build_object('limited', true, 'edition', (gen.u(i, 55) * 20)::int) ELSE '{}' END,
         gen.u(i, 56) < 0.9, timestamptz '2023-01-01 08:00+00' + gen.u(i, 57) * interval '1100 days'
  FROM (SELECT first_id + k AS i, tenant_id AS t, k, 13 + floor(228 * gen.u(first_id + k, 40) ^ 2)::int AS c
        FROM gen.tenant_products, generate_series(0, n - 1) k) s;

INSERT INTO inventory
  SELECT p, w, (gen.u(p * 8 + w, 61) ^ 2 * 900)::int, 0, timestamptz '2025-12-01 00:00+00' + gen.u(p * 8 + w, 62) * interval '90 days'
  FROM generate_series(1, :n_products) p, generate_series(1, 8) w WHERE gen.u(p * 8 + w, 60) < 0.33;

-- Twelve products make half of all movements.
INSERT INTO stock_movements (id, product_id, warehouse_id, quantity, reason, moved_at, note)
  SELECT i, CASE WHEN gen.u(i, 64) < 0.5 THEN 37 * (1 + floor(12 * gen.u(i, 65))::int) ELSE 1 + floor(:n_products * gen.u(i, 65))::int END, 1 + floor(8 * gen.u(i, 66) ^ 2)::int, (gen.u(i, 67) * 40)::int - 20,
         gen.pick('{sale,sale,sale,restock,correction,return}', gen.u(i, 68)),
         timestamptz '2024-09-01 00:00+00' + i::float8 / :n_moves * interval '546 days', gen.prose(i, 69)
  FROM generate_series(1, :n_moves) i;

-- Older orders are settled, younger ones are on their way; drafts have neither items nor payments.
INSERT INTO orders (id, tenant_id, customer_id, shipping_address_id, status, total_cents, coupon_code, placed_at, updated_at, note)
  SELECT i, c.tenant_id, c.id, CASE WHEN gen.u(i, 71) < 0.97 THEN c.id END,
         CASE WHEN gen.u(i, 72) < 0.02 THEN 'draft'
              WHEN i < :n_orders * 0.985 THEN gen.pick('{delivered,delivered,delivered,delivered,delivered,delivered,delivered,delivered,delivered,delivered,delivered,delivered,delivered,cancelled,returned}', gen.u(i, 73))
              ELSE gen.pick('{pending,paid,paid,packed,shipped,shipped}', gen.u(i, 73)) END,
         (500 + gen.u(i, 74) ^ 3 * 60000)::bigint,
         CASE WHEN gen.u(i, 75) < 0.03 THEN 'SAVE' || lpad((1 + floor(400 * gen.u(i, 76) ^ 2))::text, 4, '0') END,
         at, at + gen.u(i, 77) * interval '6 days', CASE WHEN gen.u(i, 78) < 0.2 THEN gen.sentence(gen.u(i, 79)) END
  FROM (SELECT i, 1 + floor(:n_customers * gen.u(i, 70) ^ 2)::bigint AS c,
               timestamptz '2024-09-01 00:00+00' + (i::float8 / :n_orders) ^ 0.8 * interval '546 days' AS at
        FROM generate_series(1, :n_orders) i) s JOIN customers c ON c.id = s.c
  ORDER BY i;

INSERT INTO order_items (id, order_id, line_no, product_id, quantity, unit_price_cents, discount_cents)
  SELECT row_number() OVER (ORDER BY o.id, l), o.id, l, first_id + floor(n * gen.u(o.id * 8 + l, 81) ^ 2)::int,
         1 + floor(5 * gen.u(o.id * 8 + l, 82) ^ 3)::int, (200 + gen.u(o.id * 8 + l, 83) ^ 4 * 50000)::bigint,
         CASE WHEN o.coupon_code IS NULL THEN 0 ELSE (gen.u(o.id * 8 + l, 84) * 150)::bigint END
  FROM orders o JOIN gen.tenant_products p USING (tenant_id),
       generate_series(1, 1 + floor(4 * gen.u(o.id, 80))::int) l
  WHERE o.status <> 'draft';

INSERT INTO payments (id, order_id, provider, provider_ref, status, amount_cents, created_at)
  SELECT row_number() OVER (ORDER BY placed_at, id, try), id, gen.pick('{cardhub,cardhub,cardhub,bankline,paywave}', gen.u(id, 91)),
         md5(id || '/' || try),
         CASE WHEN try < tries THEN 'failed' WHEN status = 'returned' THEN 'refunded' WHEN status = 'pending' THEN 'authorized'
              ELSE 'captured' END::payment_status,
         total_cents, placed_at + try * interval '40 seconds'
  FROM (SELECT o.*, CASE WHEN gen.u(id, 90) < 0.08 THEN 2 ELSE 1 END AS tries FROM orders o WHERE status <> 'draft') o,
       generate_series(1, tries) try;

INSERT INTO shipments (id, order_id, carrier, tracking_code, status, shipped_at, delivered_at)
  SELECT row_number() OVER (ORDER BY id), id, gen.pick('{swiftline,swiftline,parcelo,parcelo,northpost,tricargo}', gen.u(id, 95)),
         'PA' || upper(substr(md5('shipment ' || id), 1, 14)),
         CASE WHEN gen.u(id, 96) < 0.0004 THEN 'lost' WHEN gen.u(id, 96) < 0.002 THEN 'customs'
              WHEN status = 'shipped' THEN 'in_transit' ELSE 'delivered' END,
         placed_at + interval '1 day', CASE WHEN status <> 'shipped' THEN placed_at + interval '1 day' + gen.u(id, 97) * interval '5 days' END
  FROM orders WHERE status IN ('shipped', 'delivered', 'returned');

-- One review in four hundred holds a pasted log that no B-tree entry can hold.
INSERT INTO reviews (id, product_id, customer_id, rating, title, body, created_at)
  SELECT i, 1 + floor(:n_products * gen.u(i, 101) ^ 2)::int, 1 + floor(:n_customers * gen.u(i, 102) ^ 2)::int,
         (ARRAY[5,5,5,5,4,4,4,3,2,1])[1 + floor(10 * gen.u(i, 103))::int], gen.sentence(gen.u(i, 104)),
         gen.prose(i, 105) || ' ' || gen.prose(i, 111)
           || CASE WHEN i % 400 = 7 THEN (SELECT string_agg(md5(i || ':' || k), ' ') FROM generate_series(1, 200) k) ELSE '' END,
         timestamptz '2024-09-01 00:00+00' + i::float8 / :n_reviews * interval '546 days'
  FROM generate_series(1, :n_reviews) i;

INSERT INTO tickets (id, tenant_id, customer_id, priority, state, subject, opened_at, updated_at)
  SELECT i, gen.tenant(gen.u(i, 121), :n_tenants), 1 + floor(:n_customers * gen.u(i, 122))::int, (ARRAY[1,1,1,2,2,2,3,3,4,5])[1 + floor(10 * gen.u(i, 123))::int],
         CASE WHEN gen.u(i, 124) < 0.08 THEN 'open' ELSE 'closed' END, gen.prose(i, 125),
         timestamptz '2024-09-01 00:00+00' + gen.u(i, 126) * interval '546 days', timestamptz '2026-02-20 00:00+00'
  FROM generate_series(1, :n_tickets) i;

-- Every tenant has the same page numbers, so neither column alone says much.
INSERT INTO page_views (id, tenant_id, page_no, visitor, referrer, viewed_at)
  SELECT i, gen.tenant(gen.u(i, 131), :n_tenants), 1 + floor(300 * gen.u(i, 132))::int, substr(md5('visitor ' || floor(20000 * gen.u(i, 133) ^ 2)), 1, 16),
         CASE WHEN gen.u(i, 134) < 0.6 THEN 'https://' || gen.pick('{search,news,forum,friends}', gen.u(i, 135)) || '.example/' || i % 5000 END,
         timestamptz '2025-12-01 00:00+00' + i::float8 / :n_views * interval '90 days'
  FROM generate_series(1, :n_views) i;

-- Half a percent of the queue waits; the rest is done.
INSERT INTO jobs (id, queue, state, priority, attempts, payload, locked_by, run_at, finished_at)
  SELECT i, gen.pick('{mail,mail,mail,mail,thumbnails,thumbnails,sync,sync,invoice,cleanup}', gen.u(i, 141)), state,
         1 + floor(9 * gen.u(i, 142))::int, CASE state WHEN 'queued' THEN 0 ELSE 1 END,
         jsonb_build_object('object', (gen.u(i, 143) * 1e6)::int, 'kind', gen.pick('{created,changed,deleted}', gen.u(i, 144)), 'trace', md5('trace ' || i)),
         CASE state WHEN 'running' THEN 'worker-' || i % 4 END, at, CASE WHEN state IN ('done', 'failed') THEN at + gen.u(i, 145) * interval '1 hour' END
  FROM (SELECT i, timestamptz '2025-09-01 00:00+00' + i::float8 / :n_jobs * interval '182 days' AS at,
               CASE WHEN i > :n_jobs * 0.985 AND gen.u(i, 140) < 0.33 THEN 'queued' WHEN gen.u(i, 140) < 0.0005 THEN 'running'
                    WHEN gen.u(i, 140) > 0.976 THEN 'failed' ELSE 'done' END AS state
        FROM generate_series(1, :n_jobs) i) s;

INSERT INTO audit_log (id, tenant_id, actor, entity_type, entity_id, action, detail, created_at)
  SELECT i, gen.tenant(gen.u(i, 151), :n_tenants), 'user-' || (gen.u(i, 152) * 3000)::int,
         gen.pick('{order,order,order,order,customer,customer,product,product,payment,shipment}', gen.u(i, 153)),
         1 + floor(40000 * gen.u(i, 154) ^ 2)::int, gen.pick('{create,update,update,update,delete,view}', gen.u(i, 155)),
         jsonb_build_object('field', gen.pick('{status,total,address,name,price}', gen.u(i, 156)), 'request', md5('request ' || i)),
         timestamptz '2025-01-01 00:00+00' + i::float8 / :n_audit * interval '424 days'
  FROM generate_series(1, :n_audit) i;

INSERT INTO life.people SELECT i, 'person' || i, gen.pick('{Europe/Berlin,Europe/Paris,Asia/Tokyo,America/Lima}', gen.u(i, 160)) FROM generate_series(1, :n_people) i;
INSERT INTO life.habits (id, person_id, name, cadence, archived)
  SELECT i, 1 + i % :n_people, gen.pick('{read,walk,stretch,write,water,sleep early,practise}', gen.u(i, 161)), gen.pick('{daily,daily,weekly}', gen.u(i, 162)), gen.u(i, 163) < 0.2
  FROM generate_series(1, :n_people * 2) i;
INSERT INTO life.habit_entries
  SELECT h, date '2025-12-20' + d, round((gen.u(h * 100 + d, 165) * 30)::numeric, 2)
  FROM generate_series(0, 69) d, generate_series(1, :n_people * 2) h WHERE gen.u(h * 100 + d, 164) < 0.5;
INSERT INTO life.notes (id, person_id, title, body, tags, pinned, updated_at)
  SELECT i, 1 + floor(:n_people * gen.u(i, 171) ^ 2)::int, gen.sentence(gen.u(i, 172)), gen.prose(i, 173) || ' ' || gen.last_name(i),
         ARRAY[gen.pick('{home,work,health,money,travel,garden,books,music}', gen.u(i, 180)), 'topic' || (gen.u(i, 181) ^ 2 * 400)::int],
         gen.u(i, 182) < 0.02, timestamptz '2025-03-01 00:00+00' + gen.u(i, 183) * interval '365 days'
  FROM generate_series(1, :n_notes) i;
INSERT INTO life.calendar_entries (id, person_id, title, during)
  SELECT i, 1 + i % :n_people, gen.sentence(gen.u(i, 191)),
         tstzrange(at, at + (1 + floor(4 * gen.u(i, 192))) * interval '30 minutes')
  FROM (SELECT i, timestamptz '2026-02-25 08:00+00' + (i / :n_people) * interval '1 day' + floor(8 * gen.u(i, 190)) * interval '1 hour' AS at
        FROM generate_series(1, :n_calendar) i) s;
INSERT INTO supplier_import_rows (batch_no, sku, quantity, cost_cents, raw)
  SELECT b, 'SKU-' || lpad(((b * 131 + k) % 40000)::text, 6, '0'), (gen.u(b * 10000 + k, 201) * 50)::int, (gen.u(b * 10000 + k, 202) * 9000)::int,
         jsonb_build_object('line', k, 'file', 'import-' || b || '.csv')
  FROM generate_series(1, 20) b, generate_series(1, :n_batch) k;
COMMIT;

-- Identity columns go on after the loaded rows.
SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), greatest(1, (SELECT max(%I) FROM %s)))', c.oid::regclass, a.attname, a.attname, c.oid::regclass)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE a.attidentity <> '' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.oid::regclass::text \gexec

SET ROLE shop_owner;
REFRESH MATERIALIZED VIEW daily_sales;
RESET ROLE;

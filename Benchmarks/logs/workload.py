"""The statements of the log corpus: an order system as SQLAlchemy would ask for it, as pgbench scripts.

Every statement is written out by the rules below from the tables of SCHEMA, so texts are as long as an object mapper
makes them (300 to 2,000 bytes, bulk inserts and lists more). Nothing is random here: the same scripts every time.
"""

# table -> columns with their types; the first is the key.
SCHEMA = {
    "customers": [
        ("id", "bigserial"), ("email", "text"), ("first_name", "text"), ("last_name", "text"), ("phone", "text"),
        ("street", "text"), ("postal_code", "text"), ("city", "text"), ("country_code", "char(2)"),
        ("is_active", "boolean"), ("credit_limit", "numeric(12,2)"), ("preferences", "jsonb"),
        ("created_at", "timestamptz"), ("updated_at", "timestamptz"),
    ],
    "products": [
        ("id", "bigserial"), ("sku", "text"), ("title", "text"), ("description", "text"), ("category_id", "integer"),
        ("unit_price", "numeric(12,2)"), ("currency", "char(3)"), ("weight_grams", "integer"),
        ("is_listed", "boolean"), ("attributes", "jsonb"), ("stock_level", "integer"), ("created_at", "timestamptz"),
    ],
    "orders": [
        ("id", "bigserial"), ("customer_id", "bigint"), ("status", "text"), ("channel", "text"),
        ("currency", "char(3)"), ("net_total", "numeric(12,2)"), ("tax_total", "numeric(12,2)"),
        ("shipping_method", "text"), ("shipping_street", "text"), ("shipping_postal_code", "text"),
        ("shipping_city", "text"), ("note", "text"), ("placed_at", "timestamptz"), ("paid_at", "timestamptz"),
        ("shipped_at", "timestamptz"), ("cancelled_at", "timestamptz"), ("version_id", "integer"),
    ],
    "order_items": [
        ("id", "bigserial"), ("order_id", "bigint"), ("product_id", "bigint"), ("position", "integer"),
        ("quantity", "integer"), ("unit_price", "numeric(12,2)"), ("discount", "numeric(5,2)"), ("note", "text"),
        ("created_at", "timestamptz"),
    ],
    "payments": [
        ("id", "bigserial"), ("order_id", "bigint"), ("provider", "text"), ("provider_reference", "text"),
        ("amount", "numeric(12,2)"), ("currency", "char(3)"), ("state", "text"), ("failure_reason", "text"),
        ("captured_at", "timestamptz"), ("created_at", "timestamptz"),
    ],
    "Größentabelle": [
        ("id", "bigserial"), ("produkt_id", "bigint"), ("größe", "text"), ("länge_mm", "integer"),
        ("breite_mm", "integer"), ("bemerkung", "text"),
    ],
}
ROWS = {"customers": 4000, "products": 1500, "orders": 12000, "order_items": 36000, "payments": 11000,
        "Größentabelle": 3000}
FOREIGN = {"orders": ("customer_id", "customers"), "order_items": ("order_id", "orders"),
           "payments": ("order_id", "orders"), "Größentabelle": ("produkt_id", "products")}
NUMERIC = ("bigserial", "bigint", "integer")


def quoted(name):
    return name if name.isascii() and name.islower() else '"' + name + '"'


def ddl():
    """CREATE TABLE, rows, indexes, and the functions that raise notices."""
    out = []
    for table, columns in SCHEMA.items():
        body = ", ".join(f"{quoted(c)} {t}{' PRIMARY KEY' if c == 'id' else ''}" for c, t in columns)
        out.append(f"CREATE TABLE {quoted(table)} ({body});")
        values = []
        for column, kind in columns[1:]:
            if kind in NUMERIC:
                values.append(f"1 + (i * 7919) % {ROWS.get(FOREIGN.get(table, ('', ''))[1], 1000)}")
            elif kind.startswith("numeric"):
                values.append("(i % 900) + 0.99")
            elif kind == "boolean":
                values.append("i % 7 <> 0")
            elif kind == "jsonb":
                values.append("jsonb_build_object('tier', i % 5, 'tags', jsonb_build_array('a' || i % 9, 'b'))")
            elif kind == "timestamptz":
                values.append("timestamptz '2026-01-01' + i * interval '41 seconds'")
            elif kind.startswith("char"):
                values.append("'EUR'" if kind == "char(3)" else "'DE'")
            elif column == "status":
                values.append("(ARRAY['new','paid','packed','shipped','done'])[1 + i % 5]")
            else:
                values.append(f"'{column} ' || i")
        out.append(f"INSERT INTO {quoted(table)} ({', '.join(quoted(c) for c, _ in columns[1:])}) "
                   f"SELECT {', '.join(values)} FROM generate_series(1, {ROWS[table]}) AS i;")
        if table in FOREIGN:
            out.append(f"CREATE INDEX ON {quoted(table)} ({quoted(FOREIGN[table][0])});")
    out.append("CREATE INDEX ON customers (email); CREATE INDEX ON orders (placed_at);")
    out.append("CREATE TABLE seats (id integer PRIMARY KEY, taken_by bigint); "
               "INSERT INTO seats SELECT i, 0 FROM generate_series(1, 8) AS i;")
    out.append("""CREATE FUNCTION check_stock(wanted bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  level integer;
BEGIN
  SELECT stock_level INTO level FROM products WHERE id = wanted;
  IF level IS NULL THEN
    RAISE EXCEPTION 'there is no product %', wanted USING ERRCODE = 'no_data_found';
  ELSIF level < 50 THEN
    RAISE WARNING 'stock of product % is down to %', wanted, level;
  END IF;
  RETURN level;
END $$;""")
    out.append("ANALYZE;")
    return "\n".join(out) + "\n"


def columns_of(table, alias=None, suffix=""):
    """`orders.id AS orders_id, …`: how SQLAlchemy names what it selects."""
    owner = alias or table
    return ", ".join(f"{quoted(owner)}.{quoted(c)} AS {quoted(f'{owner}_{c}{suffix}')}" for c, _ in SCHEMA[table])


def by_key(table):
    return (f"SELECT {columns_of(table)} \nFROM {quoted(table)} \nWHERE {quoted(table)}.id = :id",
            {"id": ROWS[table]})


def listing(table, filter_column, limit):
    key, parent = FOREIGN[table]
    alias = parent + "_1"
    return (f"SELECT {columns_of(table)}, {columns_of(parent, alias)} \nFROM {quoted(table)} "
            f"LEFT OUTER JOIN {quoted(parent)} AS {alias} ON {alias}.id = {quoted(table)}.{quoted(key)} \n"
            f"WHERE {quoted(table)}.{quoted(filter_column)} = :parent AND {quoted(table)}.id > :low "
            f"ORDER BY {quoted(table)}.id DESC \n LIMIT {limit} OFFSET 0",
            {"parent": ROWS[parent], "low": 2000})


def loading(table, count):
    """selectinload: the children of many parents at once."""
    key, parent = FOREIGN[table]
    names = [f"p{i}" for i in range(count)]
    return (f"SELECT {columns_of(table)} \nFROM {quoted(table)} \nWHERE {quoted(table)}.{quoted(key)} IN "
            f"({', '.join(':' + n for n in names)}) ORDER BY {quoted(table)}.id",
            {n: ROWS[parent] for n in names})


def counting(table, filter_column):
    parent = FOREIGN[table][1]
    return (f"SELECT count(*) AS count_1 \nFROM (SELECT {columns_of(table)} \nFROM {quoted(table)} \n"
            f"WHERE {quoted(table)}.{quoted(filter_column)} = :parent) AS anon_1", {"parent": ROWS[parent]})


def inserting(table, rows):
    columns = [c for c in SCHEMA[table][1:] if c[1] != "jsonb"]
    variables = {}
    tuples = []
    for row in range(rows):
        values = []
        for i, (column, kind) in enumerate(columns):
            if kind in NUMERIC:
                name = f"v{row}_{i}"
                variables[name] = ROWS.get(FOREIGN.get(table, ("", ""))[1], 1000)
                values.append(f":{name}")
            elif kind.startswith("numeric"):
                name = f"v{row}_{i}"
                variables[name] = 999
                values.append(f":{name}")
            elif kind == "boolean":
                values.append("true")
            elif kind == "timestamptz":
                values.append("CURRENT_TIMESTAMP" if column.startswith(("created", "placed")) else "NULL")
            elif kind.startswith("char"):
                values.append("'EUR'" if kind == "char(3)" else "'DE'")
            else:
                values.append(f"'{column} it''s new'")
        tuples.append(f"({', '.join(values)})")
    return (f"INSERT INTO {quoted(table)} ({', '.join(quoted(c) for c, _ in columns)}) VALUES {', '.join(tuples)} "
            f"RETURNING {quoted(table)}.id", variables)


def updating(table, column, kind):
    value = ":amount" if kind in NUMERIC or kind.startswith("numeric") else "'changed by the batch'"
    variables = {"id": ROWS[table]}
    if value == ":amount":
        variables["amount"] = 999
    return (f"UPDATE {quoted(table)} SET {quoted(column)}={value} WHERE {quoted(table)}.id = :id", variables)


REPORT = ("""WITH recent AS (
    SELECT o.id, o.customer_id, o.status, o.net_total + o.tax_total AS gross, o.placed_at
    FROM orders AS o
    WHERE o.placed_at >= timestamptz '2026-01-01' + :day * interval '1 hour'
      AND o.placed_at < timestamptz '2026-01-01' + :day * interval '1 hour' + interval '7 days'
      AND o.cancelled_at IS NULL
), lines AS (
    SELECT i.order_id, count(*) AS positions, sum(i.quantity * i.unit_price) AS value
    FROM order_items AS i JOIN recent AS r ON r.id = i.order_id
    GROUP BY i.order_id
)
SELECT c.country_code, r.status, count(*) AS orders, sum(r.gross) AS gross, avg(l.positions) AS positions,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.gross) AS median,
       row_number() OVER (PARTITION BY c.country_code ORDER BY sum(r.gross) DESC) AS rank
FROM recent AS r
JOIN customers AS c ON c.id = r.customer_id
LEFT JOIN lines AS l ON l.order_id = r.id
WHERE c.is_active AND (c.preferences ->> 'tier')::int < :tier
GROUP BY c.country_code, r.status
HAVING count(*) > 0
ORDER BY gross DESC NULLS LAST, c.country_code
LIMIT 50""", {"day": 100, "tier": 4})

SORTING = ("SELECT order_items.note, order_items.unit_price, order_items.id FROM order_items "
           "WHERE order_items.id > :low ORDER BY order_items.note, order_items.unit_price DESC OFFSET 20000",
           {"low": 3000})

SEARCH = (f"SELECT {columns_of('products')} \nFROM products \nWHERE products.is_listed IS true AND "
          "(products.title ILIKE 'title 1%' OR products.attributes @> '{\"tier\": 3}'::jsonb) AND "
          "EXISTS (SELECT 1 \nFROM order_items \nWHERE order_items.product_id = products.id AND "
          "order_items.quantity > :quantity) ORDER BY products.id \n LIMIT 25", {"quantity": 900})

STOCK = ("SELECT check_stock(:id) AS check_stock_1", {"id": 1500})


def tagged(statement, route, simple):
    """The statement with sqlcommenter tags; tracing ids only where pgbench puts them into the text."""
    text, variables = statement
    tags = f"action='{route}',controller='orders',framework='flask%3A3.0.0',route='%2Fapi%2Forders%2F{route}'"
    if simple:
        variables = {**variables, "trace": 99999999}
        tags += ",traceparent='00-4bf92f3577b34da6a3ce929d0e0e:trace-00f067aa0ba902b7-01'"
    return f"{text} /*{tags}*/", variables


def render(statements, transaction=False):
    """One pgbench script: variables drawn first, then the statements."""
    names = {}
    body = []
    for number, (text, variables) in enumerate(statements):
        for name, top in variables.items():
            fresh = f"s{number}_{name}"
            names[fresh] = top
            text = replace_variable(text, name, fresh)
        body.append(text + ";")
    lines = [f"\\set {name} random(1, {top})" for name, top in names.items()]
    if transaction:
        body = ["BEGIN;"] + body + ["COMMIT;"]
    return "\n".join(lines + body) + "\n"


def replace_variable(text, name, fresh):
    out, at, wanted = [], 0, ":" + name
    while (found := text.find(wanted, at)) >= 0:
        end = found + len(wanted)
        whole = end == len(text) or not (text[end].isalnum() or text[end] == "_")
        out.append(text[at:found] + (":" + fresh if whole and text[found - 1] != ":" else wanted))
        at = end
    return "".join(out) + text[at:]


def scripts(simple):
    """(name, weight, text) of every script for the simple protocol or the extended one."""
    found = []

    def add(name, weight, statements, transaction=False):
        found.append((name, weight, render(statements, transaction)))

    for table in SCHEMA:
        add(f"key-{table}", 8, [by_key(table)])
    for table in FOREIGN:
        key = FOREIGN[table][0]
        for limit in (10, 25):
            add(f"list-{table}-{limit}", 4, [listing(table, key, limit)])
        for count in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89):
            add(f"load-{table}-{count}", 1, [loading(table, count)])
        add(f"count-{table}", 3, [counting(table, key)])
        for rows in (1, 2, 4, 8):
            add(f"insert-{table}-{rows}", 1, [inserting(table, rows)])
        for column, kind in SCHEMA[table][2:4]:
            add(f"update-{table}-{column}", 2, [updating(table, column, kind)])
    add("search", 2, [SEARCH])
    add("stock", 2, [STOCK])
    add("checkout", 8, [
        by_key("customers"), listing("orders", "customer_id", 5), inserting("orders", 1), inserting("order_items", 3),
        updating("products", "stock_level", "integer"), inserting("payments", 1)], transaction=True)
    add("n-plus-one", 2, [listing("orders", "customer_id", 10)] + [by_key("products")] * 8, transaction=True)
    for route in ("list", "detail", "export"):
        add(f"tagged-{route}", 6, [tagged(listing("orders", "customer_id", 20), route, simple),
                                  tagged(loading("order_items", 5), route, simple)])
    return found


def reports():
    return [("report", 1, render([REPORT])), ("sort", 1, render([SORTING])), ("search", 3, render([SEARCH]))]


def rivals():
    """Two rows in any order, held for a while: lock waits and deadlocks."""
    return ("\\set a random(1, 8)\n\\set b random(1, 8)\n\\set s random(1, 3)\nBEGIN;\n"
            "UPDATE seats SET taken_by = :a WHERE seats.id = :a;\nSELECT pg_sleep(:s * 0.01);\n"
            "UPDATE seats SET taken_by = :b WHERE seats.id = :b;\nCOMMIT;\n")


def mistakes(rounds):
    """A psql script whose statements fail, each in its own way."""
    lines = []
    for i in range(rounds):
        lines += [
            f"INSERT INTO customers (id, email) VALUES ({1 + i % 4000}, 'twice{i}@example.org');",
            f"SELECT orders.id, orders.no_such_column FROM orders WHERE orders.id = {i};",
            f"SELECT orders.id FROM orders WHERE orders.id = {i} AND;",
            f"SELECT 1 / (products.stock_level - products.stock_level) FROM products WHERE products.id = {1 + i % 1500};",
            f"SELECT * FROM no_such_table_{i % 3} WHERE id = {i};",
            f"SELECT CAST(customers.email AS integer) FROM customers WHERE customers.id = {1 + i % 4000};",
            f"SELECT check_stock({1495 + i % 50});",
        ]
        # Errors are rare between the statements of the others.
        lines.append("\\! sleep 0.1")
        if i % 25 == 0:
            lines += ["SET statement_timeout = '5ms';", "SELECT pg_sleep(1);", "RESET statement_timeout;",
                      f"SET work_mem = '{64 + i % 9}kB';", "RESET work_mem;",
                      f"CREATE TEMP TABLE scratch_{i} AS SELECT i FROM generate_series(1, 10) AS i;",
                      f"COPY (SELECT products.id, products.title FROM products LIMIT {1 + i % 5}) TO STDOUT;",
                      f"SELECT 'a literal with a line\n2026-01-01 00:00:00.000 UTC [1] LOG:  duration: {i} ms', {i};"]
    return "\n".join(lines) + "\n"

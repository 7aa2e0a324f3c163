"""What the traffic driver and the measuring tool share: connections, and statements as the server receives them."""

from __future__ import annotations

import gzip
import os
import pathlib
import random
import re
import threading
import zlib
from typing import Any

import psycopg
import psycopg2
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from shapes import CLIENTS, SHAPES, Client, Pools, Shape

SEED = 20260302
# The shape that the current thread is executing; the engines' hooks read it.
current = threading.local()


QUIET = "-c log_min_duration_statement=-1 -c log_disconnections=off -c pg_stat_statements.track=none"


def generator(*parts: Any) -> random.Random:
    """A random generator that depends on nothing but the seed and the given names and numbers.

    Its attribute `number` is the last part, for parameters that go round in turn.
    """
    made = random.Random(zlib.crc32("/".join(map(str, (SEED, *parts))).encode()))
    made.number = parts[-1]
    return made


def admin() -> psycopg2.extensions.connection:
    """A superuser's session that leaves no trace: neither in the log nor in pg_stat_statements."""
    connection = psycopg2.connect(
        host=os.environ["PGHOST"],
        port=os.environ["PGPORT"],
        dbname="shop",
        user="postgres",
        application_name="recorder",
        options=QUIET,
    )
    connection.autocommit = True
    return connection


def read_pools() -> Pools:
    with admin() as connection, connection.cursor() as cursor:

        def run(query: str) -> list[tuple]:
            cursor.execute(query)
            return cursor.fetchall()

        return Pools.read(run)


def make_engine(client: Client, on_sent=None) -> Engine:
    """An engine for one application. on_sent(shape name, cursor) is called after every statement of a shape."""
    url = URL.create(
        f"postgresql+{client.driver}",
        username=client.role,
        database="shop",
        query={"host": os.environ["PGHOST"], "port": os.environ["PGPORT"]},
    )
    engine = create_engine(
        url, pool_size=client.connections, max_overflow=2, connect_args={"application_name": client.application}
    )

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def add_comment(connection, cursor, statement, parameters, context, executemany):
        name = getattr(current, "shape", None)
        return (statement + SHAPES[name].comment() if name else statement), parameters

    @event.listens_for(engine, "after_cursor_execute")
    def tell(connection, cursor, statement, parameters, context, executemany):
        name = getattr(current, "shape", None)
        if name and on_sent:
            on_sent(name, cursor, statement, parameters)

    return engine


def sent_text(cursor) -> str:
    """The text that went over the wire: literals with psycopg2, $n with psycopg 3."""
    if isinstance(cursor, psycopg2.extensions.cursor):
        return cursor.query.decode()
    return cursor._query.query.decode()


def literal_text(cursor, statement: str, parameters: Any) -> str:
    """The statement with its values written as literals."""
    if isinstance(cursor, psycopg2.extensions.cursor):
        return cursor.query.decode()
    literal = psycopg.ClientCursor(cursor.connection).mogrify(statement, parameters)
    # The driver casts a literal to its type, and SQLAlchemy casts the placeholder: one cast is enough, and is what was sent.
    return DOUBLE_CAST.sub("'::", literal)


DOUBLE_CAST = re.compile(r"'::(?:timestamptz|date|tstzrange|jsonb|text\[\])::")
VARIABLE = re.compile(r"(?<!:):('?)([a-z_]+)\1")


def template_literal(template: str, parameters: dict[str, Any]) -> str:
    """A pgbench or psql template with its variables replaced as those programs do it."""
    return VARIABLE.sub(lambda m: f"'{parameters[m[2]]}'" if m[1] else str(parameters[m[2]]), template)


def template_numbered(template: str) -> str:
    """A pgbench template as it is sent in the extended protocol: each variable in its turn becomes $n."""
    count = 0

    def number(match: re.Match) -> str:
        nonlocal count
        count += 1
        return f"${count}"

    return VARIABLE.sub(number, template)


def is_template(shape: Shape) -> bool:
    return CLIENTS[shape.client].driver in ("pgbench", "psql")


def read_compressed(path: pathlib.Path) -> bytes:
    return gzip.decompress(path.read_bytes())

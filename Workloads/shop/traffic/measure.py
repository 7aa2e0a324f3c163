#!/usr/bin/env python3
"""Measures the truth: every shape before and after the right indexes exist, and every planted mistake on its own.

usage: measure.py TAKEN OUT

Reads TAKEN/weekN-calls.json; writes OUT/workload.json, OUT/true_times.json and OUT/truths.json. Runs on the recorded
database as it is after week two, with one connection and nothing else on the server. Everything it changes it undoes,
except the very last step (updates of inventory, to count HOT updates).
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import pathlib
import statistics
import sys
import time

import psycopg2

from common import (
    QUIET,
    SEED,
    admin,
    current,
    generator,
    is_template,
    literal_text,
    make_engine,
    read_pools,
    sent_text,
    template_literal,
    template_numbered,
)
from drive import REQUESTS
from shapes import CLIENTS, SHAPES, UTC
from truths import INDEX_KINDS, TRUTHS, create_statement

INSTANCES = 8
NOW = dt.datetime(2026, 3, 16, 10, tzinfo=UTC)


def make_instances(pools) -> dict[str, dict]:
    """For each shape the text as it is sent, and some instances with literals; drawn as the traffic draws them."""
    caught: dict[str, tuple[str, str]] = {}

    def on_sent(name, cursor, statement, parameters):
        caught[name] = (sent_text(cursor), literal_text(cursor, statement, parameters))

    engines = {k: make_engine(c, on_sent) for k, c in CLIENTS.items() if c.driver in ("psycopg2", "psycopg")}
    made: dict[str, dict] = {}
    for name, shape in SHAPES.items():
        client, texts, number = CLIENTS[shape.client], [], 0
        while len(texts) < INSTANCES:
            parameters = shape.draw(generator("instance", name, number), pools, NOW + dt.timedelta(hours=12 * number))
            number += 1
            if number > 5 * INSTANCES:
                raise RuntimeError(f"no valid parameters for {name}")
            if is_template(shape):
                template = shape.build(parameters)
                literal = template_literal(template, parameters)
                texts.append((literal if client.protocol == "simple" else template_numbered(template), literal))
                continue
            with engines[shape.client].connect() as connection:
                current.shape = name
                try:
                    connection.execute(shape.build(parameters))
                    texts.append(caught[name])
                except Exception as error:  # noqa: BLE001
                    # A draft that the traffic has deleted, a taken time: draw again.
                    if "IntegrityError" not in type(error).__name__:
                        raise
                finally:
                    current.shape = None
                    connection.rollback()
        # Values that repeat in the traffic repeat here; a statement without parameters is there once.
        literals = [literal for _, literal in texts]
        made[name] = {"text": texts[0][0], "instances": literals if len(set(literals)) > 1 else literals[:1]}
    for engine in engines.values():
        engine.dispose()
    return made


class Server:
    def __init__(self):
        self.connection = psycopg2.connect(
            host=os.environ["PGHOST"],
            port=os.environ["PGPORT"],
            dbname="shop",
            user="postgres",
            application_name="measure",
            options=QUIET,
        )
        self.cursor = self.connection.cursor()
        self.autocommit = admin().cursor()

    def do(self, statement: str) -> list[tuple]:
        self.autocommit.execute(statement)
        return self.autocommit.fetchall() if self.autocommit.description else []

    def prepare(self, client: str) -> None:
        self.cursor.execute("SET LOCAL auto_explain.log_min_duration = -1")
        if client == "reports":
            self.cursor.execute("SET LOCAL max_parallel_workers_per_gather = 2")

    def time(self, client: str, statement: str, runs: int) -> float:
        """Milliseconds that a statement takes: the least of some runs after one that is not counted.

        All data are in memory and nobody else is on the server, so that is the time its backend spends on a CPU, which
        other work on the machine does not lengthen. With parallel workers, or where the system does not tell, it is the
        client's clock.
        """
        times = []
        for run in range(runs + 1):
            self.prepare(client)
            on_cpu, started = self.cpu_time(), time.perf_counter()
            self.cursor.execute(statement)
            if self.cursor.description:
                self.cursor.fetchall()
            elapsed = (time.perf_counter() - started) * 1000
            # The count is exact once the backend sleeps again, waiting for the next statement.
            time.sleep(0.001)
            spent = (self.cpu_time() - on_cpu) / 1e6
            times.append(elapsed if client == "reports" or spent <= 0 else spent)
            self.connection.rollback()
            if run and sum(times) > 4000:
                break
        return min(times[1:])

    def cpu_time(self) -> int:
        """Nanoseconds that the backend has been on a CPU; 0 where Linux does not count them."""
        try:
            with open(f"/proc/{self.connection.info.backend_pid}/schedstat", encoding="ascii") as file:
                return int(file.read().split()[0])
        except OSError:
            return 0

    def explain(self, client: str, statement: str, analyze: bool = False, settings: str = "") -> dict:
        self.prepare(client)
        if settings:
            self.cursor.execute(settings)
        self.cursor.execute(f"EXPLAIN (FORMAT JSON{', ANALYZE' if analyze else ''}) {statement}")
        plan = self.cursor.fetchone()[0][0]
        self.connection.rollback()
        return plan


def nodes(plan: dict):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def r(value: float) -> float:
    return round(value, 4 if value < 1 else 2)


def main() -> None:
    taken, out = map(pathlib.Path, sys.argv[1:3])
    calls = [json.loads((taken / f"week{w}-calls.json").read_text()) for w in (1, 2)]
    server, pools = Server(), read_pools()
    shapes = make_instances(pools)

    def measure(names, runs=5, instances=INSTANCES) -> dict[str, list[float]]:
        return {n: [server.time(SHAPES[n].client, s, runs) for s in shapes[n]["instances"][:instances]] for n in names}

    def mean(times: dict[str, list[float]], names=None) -> float:
        """Per call, over several shapes weighted by their calls in week two."""
        names = names or list(times)
        weight = sum(calls[1][n] for n in names) or len(names)
        return sum((calls[1][n] or 1) * statistics.mean(times[n]) for n in names) / weight

    def uses(name: str, schema: str, index_name: str) -> int:
        """Of how many instances the plan uses the index (or one of its partitions' indexes)."""
        children = {
            row[0]
            for row in server.do(
                f"SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid "
                f"WHERE inhparent = '{schema}.{index_name}'::regclass"
            )
        }
        found = 0
        for statement in shapes[name]["instances"]:
            if statement.upper().startswith(("REFRESH",)):
                continue
            plan = server.explain(SHAPES[name].client, statement)["Plan"]
            found += any(node.get("Index Name") in children | {index_name} for node in nodes(plan))
        return found

    def analyze(table: str) -> None:
        server.do(f"VACUUM (ANALYZE) {table}")

    def build(definition: dict, name: str) -> int:
        server.do(create_statement(definition, name))
        analyze(definition["table"])
        schema = definition["table"].split(".")[0]
        return server.do(
            f"SELECT coalesce(nullif(pg_relation_size('{schema}.{name}'), 0), (SELECT sum(pg_relation_size(inhrelid)) FROM pg_inherits "
            f"WHERE inhparent = '{schema}.{name}'::regclass))::bigint"
        )[0][0]

    say("before")
    before = measure(shapes)

    results = {}
    for truth in TRUTHS:
        figures: dict = {}
        if truth["shapes"]:
            figures["before_ms"] = r(mean(before, truth["shapes"]))
        if truth["kind"] in INDEX_KINDS:
            say(truth["name"])
            for group in ("accepted", "poor"):
                rows = []
                for definition in truth["indexes"][group]:
                    schema = definition["table"].split(".")[0]
                    size = build(definition, "planted")
                    times = measure(truth["shapes"], runs=3)
                    rows.append(
                        {
                            "ddl": create_statement(definition, "planted").replace("INDEX planted ON", "INDEX ON"),
                            "after_ms": r(mean(times)),
                            "bytes": size,
                            "used_by_instances": {n: uses(n, schema, "planted") for n in truth["shapes"]},
                        }
                    )
                    server.do(f"DROP INDEX {schema}.planted")
                figures[group] = rows
            figures["after_ms"] = figures["accepted"][0]["after_ms"]
        results[truth["name"]] = figures

    def right(method_filter) -> list[dict]:
        return [
            t["indexes"]["accepted"][0]
            for t in TRUTHS
            if t["kind"] in INDEX_KINDS and method_filter(t["indexes"]["accepted"][0]["method"])
        ]

    say("after, B-trees")
    sizes = [build(d, f"right_{i}") for i, d in enumerate(right(lambda m: m == "btree"))]
    after_btree = measure(shapes)
    say("after, all")
    sizes_rest = [build(d, f"right_other_{i}") for i, d in enumerate(right(lambda m: m != "btree"))]
    for truth in TRUTHS:
        for name in truth["indexes"]["remove"][: truth.get("remove_count", len(truth["indexes"]["remove"]))]:
            size = server.do(f"SELECT pg_relation_size('{name}'), pg_get_indexdef('{name}'::regclass)")[0]
            results[truth["name"]]["removed"] = {"index": name, "bytes": size[0], "definition": size[1]}
            server.do(f"DROP INDEX {name}")
    after = measure(shapes)
    for truth in TRUTHS:
        if truth["indexes"]["remove"] and truth["shapes"]:
            results[truth["name"]]["after_ms"] = r(mean(after, truth["shapes"]))

    say("the other truths")
    special(server, shapes, calls, results, taken)
    for name, figure in (
        ("stock.count_inventory", "updates_saved_ms_week2"),
        ("nightly.recent_inventory", "reads_lost_ms_week2"),
    ):
        gain = calls[1][name] * (statistics.mean(before[name]) - statistics.mean(after[name]))
        results["write_heavy_inventory_updated_at"][figure] = r(abs(gain))

    # Undo.
    for i in range(len(sizes)):
        server.do(f"DROP INDEX {right(lambda m: m == 'btree')[i]['table'].split('.')[0]}.right_{i}")
    for i in range(len(sizes_rest)):
        server.do(f"DROP INDEX {right(lambda m: m != 'btree')[i]['table'].split('.')[0]}.right_other_{i}")
    for truth in TRUTHS:
        if "removed" in results[truth["name"]]:
            server.do(results[truth["name"]]["removed"]["definition"])

    write_times(out, calls, before, after_btree, after, sum(sizes), sum(sizes_rest), results)
    workload = [
        {
            "name": n,
            "application": CLIENTS[s.client].application,
            "role": CLIENTS[s.client].role,
            "driver": CLIENTS[s.client].driver,
            "protocol": CLIENTS[s.client].protocol,
            "kind": s.kind,
            "tags": s.tags,
            "settings": {"max_parallel_workers_per_gather": "2"} if s.client == "reports" else {},
            "calls": {"week1": calls[0][n], "week2": calls[1][n]},
            "truths": [t["name"] for t in TRUTHS if n in t["shapes"]],
            **shapes[n],
        }
        for n, s in SHAPES.items()
    ]
    dump(out / "workload.json", {"version": 1, "seed": SEED, "shapes": workload})
    dump(out / "truths.json", {"version": 1, "truths": [{**t, "measured": results[t["name"]]} for t in TRUTHS]})


def special(server: Server, shapes, calls, results, taken) -> None:
    """What the truths that are no missing index look like."""
    flip = results["parameter_flip_shipment_status"]
    for value in ("delivered", "lost"):
        statement = next(s for s in shapes["reports.shipments_by_carrier"]["instances"] if f"'{value}'" in s)
        server.cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        plan = server.explain("none", statement)["Plan"]
        flip[value] = {
            "scan": next(n["Node Type"] for n in nodes(plan) if "Scan" in n["Node Type"]),
            "ms": r(server.time("none", statement, 5)),
        }

    sort = results["disk_sort_revenue_deciles"]
    statement = shapes["reports.revenue_deciles"]["instances"][0]
    for label, setting in (("work_mem_4MB", ""), ("work_mem_64MB", "SET LOCAL work_mem = '64MB'")):
        plan = server.explain("reports", statement, analyze=True, settings=setting)
        found = max((n for n in nodes(plan["Plan"]) if n["Node Type"] == "Sort"), key=lambda n: n["Sort Space Used"])
        sort[label] = {
            "method": found["Sort Method"],
            "space": found["Sort Space Type"],
            "kilobytes": found["Sort Space Used"],
            "ms": r(plan["Execution Time"]),
        }

    stale = results["stale_supplier_import_rows"]
    statement = shapes["reports.new_import_rows"]["instances"][0]

    def rows() -> dict:
        server.cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement)
        plan = server.cursor.fetchone()[0][0]
        scan = next(n for n in nodes(plan["Plan"]) if n.get("Relation Name") == "supplier_import_rows")
        return {
            "estimated_rows": scan["Plan Rows"],
            "actual_rows": scan["Actual Rows"],
            "ms": r(plan["Execution Time"]),
        }

    stale["before"] = rows()
    server.connection.rollback()
    with open(taken / "week2-day7-tables.csv", encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["relname"] == "supplier_import_rows")
    stale["modified_since_analyze"] = int(row["n_mod_since_analyze"])
    stale["reltuples"] = server.do("SELECT reltuples::bigint FROM pg_class WHERE relname = 'supplier_import_rows'")[0][
        0
    ]
    # pg_statistic is transactional, so the fresh statistics vanish again; a copy of the row in pg_class does not.
    server.connection.rollback()
    server.cursor.execute("ANALYZE supplier_import_rows")
    stale["after"] = rows()
    stale["after_ms"] = stale["after"]["ms"]
    server.connection.rollback()

    alone = REQUESTS["web.order_items_of_order"][1] * calls[1]["web.order_history"] / REQUESTS["web.orders_page"][1]
    results["n_plus_one_order_items"]["statements_per_page"] = r(
        (calls[1]["web.order_items_of_order"] - alone) / calls[1]["web.order_history"]
    )

    # HOT: the same updates with and without the index. The index is already dropped here.
    hot = results["write_heavy_inventory_updated_at"]

    def updates(round_number: int) -> tuple[float, float]:
        server.do("VACUUM inventory")
        first, times = update_counts(), []
        for n in range(500):
            started = time.perf_counter()
            server.do(
                f"UPDATE inventory SET quantity = quantity + 1, updated_at = timestamptz '2026-03-17' + {round_number} * interval '1 day' "
                f"+ {n} * interval '1 second' WHERE product_id BETWEEN {1 + n * 97} AND {10 + n * 97}"
            )
            times.append((time.perf_counter() - started) * 1000)
        last = update_counts()
        return r(statistics.median(times)), r((last[1] - first[1]) / max(1, last[0] - first[0]))

    def update_counts() -> tuple[int, int]:
        """After the session's own counts have reached the shared ones."""
        server.do("SELECT pg_stat_force_next_flush()")
        return server.do("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'inventory'")[0]

    # A first round opens the pages and is not counted.
    updates(0)
    hot["without_index"] = dict(zip(("ms_per_update", "hot_share"), updates(1)))
    server.do("CREATE INDEX ix_inventory_updated_at ON inventory (updated_at)")
    hot["with_index"] = dict(zip(("ms_per_update", "hot_share"), updates(2)))
    server.do("DROP INDEX ix_inventory_updated_at")


def write_times(out, calls, before, after_btree, after, btree_bytes, other_bytes, results) -> None:
    week_one_tracking = results["regression_track_shipment"]["after_ms"]
    rows = []
    for name in SHAPES:
        stages = {"before_ms": before[name], "after_btree_ms": after_btree[name], "after_ms": after[name]}
        row = {"name": name, "calls": {"week1": calls[0][name], "week2": calls[1][name]}}
        row.update({k: r(statistics.mean(v)) for k, v in stages.items()})
        if name == "web.track_shipment":
            row["week1_ms"] = week_one_tracking
        row["instances"] = [{k: r(v[i]) for k, v in stages.items()} for i in range(len(before[name]))]
        rows.append(row)
    totals = {
        k: r(sum(row["calls"]["week2"] * row[k] for row in rows)) for k in ("before_ms", "after_btree_ms", "after_ms")
    }
    totals["saved_by_btree"] = r(1 - totals["after_btree_ms"] / totals["before_ms"])
    totals["saved"] = r(1 - totals["after_ms"] / totals["before_ms"])
    dump(
        out / "true_times.json",
        {
            "version": 1,
            "unit": "ms",
            "clock": "time of the backend on a CPU, warm cache, the least of 5 runs per instance, mean of the instances; "
            "for the application reports, which may use parallel workers, the client's clock",
            "right_btree_bytes": int(btree_bytes),
            "right_other_bytes": int(other_bytes),
            "totals_week2": totals,
            "shapes": rows,
        },
    )
    say(f"totals of week two: {totals}")


def dump(path: pathlib.Path, value) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr)


if __name__ == "__main__":
    main()

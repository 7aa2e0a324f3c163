#!/usr/bin/env python3
"""Runs one week of traffic against the recording server.

A week is seven days of four stretches, each some seconds long: at night, in the morning, at noon and in the evening.
Every application works its list of requests in each stretch; the next stretch starts when all are done. No session and
no statement reaches from one stretch into the next, so shift.py can move whole stretches to their days.

usage: drive.py WEEK OUTDIR [--share S] [--stretch SECONDS] [--opened TIME]

Writes OUTDIR/weekN-moments.json (when each stretch really ran and when it is to have run) and OUTDIR/weekN-calls.json
(statements sent per shape, counted by the client). Calls $SHOP_SNAPSHOT LABEL between the days, when that is set.
"""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import json
import os
import subprocess
import sys
import threading
import time

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from common import current, generator, is_template, make_engine, read_pools
from models import Order
from shapes import CLIENTS, SHAPES, UTC, seconds_of

WEEK_STARTS = {1: dt.datetime(2026, 3, 2, tzinfo=UTC), 2: dt.datetime(2026, 3, 9, tzinfo=UTC)}
# Clock time of a stretch on its day, and its share of the day's requests.
STRETCHES = [
    ("night", dt.timedelta(hours=2, minutes=15), 0.04),
    ("morning", dt.timedelta(hours=9, minutes=30), 0.30),
    ("noon", dt.timedelta(hours=13, minutes=5), 0.30),
    ("evening", dt.timedelta(hours=19, minutes=45), 0.36),
]
DAYS = [0.16, 0.16, 0.16, 0.15, 0.15, 0.12, 0.10]  # Monday to Sunday

# Requests per week one and week two. A request named like a shape sends that one statement.
REQUESTS: dict[str, tuple[int, int]] = {
    "web.login_by_email": (320, 330),
    "web.customer_by_id": (220, 230),
    "web.customer_addresses": (120, 125),
    "web.orders_page": (70, 75),
    "web.checkout": (60, 65),
    "web.payments_of_order": (480, 500),
    "web.product_page": (230, 240),
    "web.product_reviews": (150, 155),
    "web.category_listing": (130, 135),
    "web.filter_attributes": (45, 45),
    "web.track_shipment": (420, 430),
    "web.my_reviews": (220, 220),
    "web.find_customer_by_name": (35, 35),
    "web.sign_up": (40, 45),
    "web.sign_up_again": (6, 5),
    "web.order_items_of_order": (80, 80),
    "api.tenant_by_slug": (130, 130),
    "api.tenant_sales_in_range": (300, 310),
    "api.ticket_inbox": (350, 360),
    "api.ticket_update": (80, 80),
    "api.orders_with_product": (260, 270),
    "api.page_views_of_page": (380, 390),
    "api.stock_by_warehouse": (280, 280),
    "api.orders_with_coupon": (170, 180),
    "api.order_sheet": (120, 125),
    "api.shipments_of_order": (100, 100),
    "api.delete_draft": (60, 60),
    "api.payments_page": (80, 80),
    "api.products_by_ids": (130, 135),
    "api.add_payment": (50, 55),
    "worker.poll_queue": (460, 480),
    "worker.enqueue": (150, 160),
    "worker.write_audit": (120, 125),
    "worker.history_of_entity": (230, 240),
    "worker.correct_stock": (60, 60),
    "worker.lock_wait": (3, 3),
    "worker.deadlock": (1, 1),
    "life.recent_notes": (330, 340),
    "life.search_notes": (80, 80),
    "life.notes_with_tag": (70, 70),
    "life.write_note": (40, 40),
    "life.habits_of_person": (90, 90),
    "life.habit_month": (110, 110),
    "life.check_in": (80, 80),
    "life.calendar_of_day": (90, 90),
    "life.add_calendar_entry": (40, 40),
    "reports.revenue_deciles": (7, 7),
    "reports.review_lengths": (14, 14),
    "reports.shipments_by_carrier": (60, 60),
    "reports.new_import_rows": (14, 14),
    "reports.sales_by_month": (10, 10),
    "reports.order_overview_page": (40, 40),
    "reports.tenant_days": (80, 80),
    "reports.too_slow": (2, 2),
    "stock.count_inventory": (800, 830),
    "stock.read_inventory": (200, 200),
    "probe.order_status": (500, 500),
    "beacon.add_view": (250, 260),
    "beacon.visitor_path": (120, 120),
}
NIGHTLY = [
    "nightly.expire_coupons",
    "nightly.purge_jobs",
    "nightly.refresh_daily_sales",
    "nightly.audit_volume",
    "nightly.views_of_day",
]
ON_SUNDAYS = ["nightly.recent_inventory"]
# pgbench draws its own parameters.
PGBENCH_SETS = {
    "stock.count_inventory": "\\set product random(1, :products)\n\\set delta random(-5, 5)\n\\set seconds random(:now, :now + 3599)\n",
    "stock.read_inventory": "\\set product random(1, :products)\n",
    "probe.order_status": "\\set id random(1, :orders)\n",
    "beacon.add_view": "\\set tenant random_zipfian(1, :tenants, 1.1)\n\\set page random(1, 300)\n\\set visitor random(0, 19999)\n"
    "\\set seconds random(:now, :now + 3599)\n",
    "beacon.visitor_path": "\\set visitor random_zipfian(1, 20000, 1.05)\n",
}


class Worker:
    """One connection's worth of an application: executes its requests in their order."""

    def __init__(self, week, client, engine, pools, tally):
        self.week, self.client, self.engine, self.pools, self.tally = week, client, engine, pools, tally
        self.single = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.connection = None

    def send(self, name, **given):
        shape = SHAPES[name]
        parameters = {**shape.draw(self.rng, self.pools, self.now), **given}
        current.shape = name
        try:
            result = self.connection.execute(shape.build(parameters))
            return result.fetchall() if result.returns_rows else []
        finally:
            current.shape = None

    def run(self, name, number, now):
        self.rng, self.now = generator(name, self.week, number), now
        method = getattr(self, name.split(".")[1], None)
        if method:
            method()
        else:
            with self.single.connect() as self.connection:
                self.send(name)

    # --- requests of several statements ---
    def orders_page(self):
        customer = self.rng.choice(self.pools.regulars or self.pools.customers)
        with Session(self.engine) as session:
            current.shape = "web.order_history"
            orders = session.scalars(SHAPES["web.order_history"].build({"customer": customer})).all()
            current.shape = "web.order_items_of_order"
            for order in orders:
                assert isinstance(order, Order) and order.items is not None
            current.shape = None

    def checkout(self):
        with self.engine.begin() as self.connection:
            customer = self.rng.choice(self.pools.customers)
            self.send("web.shipping_addresses", customer=customer)
            order = self.send("web.place_order", customer_id=customer)[0][0]
            for line in range(1, 2 + self.rng.randrange(3)):
                self.send("web.add_order_item", order_id=order, line_no=line)
            self.send("web.add_points", id=customer)

    def poll_queue(self):
        with self.engine.begin() as self.connection:
            found = self.send("worker.claim_job")
            if found:
                self.send("worker.start_job", id=found[0][0])
        if found:
            with self.single.connect() as self.connection:
                self.send("worker.finish_job", id=found[0][0])

    def sign_up_again(self):
        """The address is taken: a unique violation."""
        with self.single.connect() as self.connection:
            row = self.connection.execute(
                text("SELECT tenant_id, email FROM customers WHERE id = :id"),
                {"id": self.rng.choice(self.pools.customers)},
            ).one()
            expect_error(lambda: self.send("web.sign_up", tenant_id=row[0], email=row[1]), "23505")

    def too_slow(self):
        with self.single.connect() as self.connection:
            self.connection.execute(text("SET statement_timeout = '3ms'"))
            expect_error(lambda: self.send("reports.review_lengths"), "57014", or_none=True)
            self.connection.execute(text("RESET statement_timeout"))

    def lock_wait(self):
        """A second session wants a row that the first holds for longer than deadlock_timeout."""
        self.contend([1], [1], 0.45)

    def deadlock(self):
        self.contend([1, 2], [2, 1], 0.1)

    def contend(self, mine, theirs, hold):
        rows = {n: {"product": p, "warehouse": w} for n, (p, w) in enumerate(self.stocked, 1)}
        other = Worker(self.week, self.client, self.engine, self.pools, self.tally)
        other.rng, other.now = self.rng, self.now
        with self.engine.connect() as self.connection, self.engine.connect() as other.connection:
            self.send("worker.correct_stock", **rows[mine[0]])
            if len(theirs) > 1:
                other.send("worker.correct_stock", **rows[theirs[0]])
            thread = threading.Thread(
                target=lambda: expect_error(
                    lambda: other.send("worker.correct_stock", **rows[theirs[-1]]), "40P01", or_none=True
                )
            )
            thread.start()
            time.sleep(hold)
            if len(mine) > 1:
                expect_error(lambda: self.send("worker.correct_stock", **rows[mine[1]]), "40P01", or_none=True)
            self.connection.rollback()
            thread.join()
            other.connection.rollback()


def expect_error(action, sqlstate, or_none=False):
    try:
        action()
    except DBAPIError as error:
        code = getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlstate", None)
        if code != sqlstate:
            raise
    else:
        if not or_none:
            raise AssertionError(f"expected SQLSTATE {sqlstate}")


def apportion(total, shares):
    """Whole numbers in proportion to the shares, by largest remainder."""
    exact = [total * share / sum(shares) for share in shares]
    counts = [int(x) for x in exact]
    for i in sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], i))[: total - sum(counts)]:
        counts[i] += 1
    return counts


def client_of(request):
    return request.split(".")[0]


def plan(week, share):
    """Per stretch (day, part): the count of each request."""
    cells = [(d, s) for d in range(7) for s in range(len(STRETCHES))]
    weights = [DAYS[d] * STRETCHES[s][2] for d, s in cells]
    by_cell = {cell: {} for cell in cells}
    for name, counts in REQUESTS.items():
        total = max(1, round(counts[week - 1] * share))
        # Reports are for people who are awake; a small count is spread over mornings first.
        parts = [0 if client_of(name) == "reports" and s == 0 else w for (d, s), w in zip(cells, weights)]
        for cell, n in zip(cells, apportion(total, parts)):
            if n:
                by_cell[cell][name] = n
    return by_cell


def run_program(command, application, role, stdin, tally, counts):
    environment = {**os.environ, "PGAPPNAME": application, "PGUSER": role, "PGDATABASE": "shop"}
    done = subprocess.run(command, input=stdin, env=environment, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-800:]}")
    tally.update(counts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("week", type=int, choices=[1, 2])
    parser.add_argument("outdir")
    parser.add_argument("--share", type=float, default=1.0, help="share of the requests")
    parser.add_argument("--opened", type=float, default=0, help="when the week's log begins, in seconds since 1970")
    parser.add_argument("--stretch", type=float, default=7.0, help="seconds of a stretch by day")
    arguments = parser.parse_args()
    week, binaries = arguments.week, os.environ.get("SHOP_PG_BIN", "/usr/lib/postgresql/15/bin")

    pools = read_pools()
    Worker.stocked = pools.stocked
    tally: collections.Counter[str] = collections.Counter()
    lock, failures = threading.Lock(), []

    def sent(name, cursor, statement, parameters):
        with lock:
            tally[name] += 1

    orm = {key: make_engine(c, sent) for key, c in CLIENTS.items() if c.driver in ("psycopg2", "psycopg")}
    by_cell, numbers, moments = plan(week, arguments.share), collections.Counter(), []

    def guarded(action):
        def run():
            try:
                action()
            except Exception as error:  # noqa: BLE001 - any failure must stop the recording
                failures.append(error)

        return threading.Thread(target=run)

    for (day, part), requests in by_cell.items():
        name, clock, _ = STRETCHES[part]
        stands_for = WEEK_STARTS[week] + dt.timedelta(days=day) + clock
        length = arguments.stretch if part else arguments.stretch * 0.4
        started = time.time()
        moments.append(
            {"week": week, "day": day, "part": name, "real_start": started, "stands_for": stands_for.timestamp()}
        )
        threads = []

        # SQLAlchemy applications: requests in a random order, at even distances.
        for key, engine in orm.items():
            todo = [r for r, n in requests.items() if client_of(r) == key for _ in range(n)]
            generator("order", week, day, part, key).shuffle(todo)
            work = []
            for i, request in enumerate(todo):
                work.append((length * (i + 0.5) / len(todo), request, numbers[request]))
                numbers[request] += 1
            for c in range(CLIENTS[key].connections):
                mine = work[c :: CLIENTS[key].connections]
                if mine:
                    threads.append(
                        guarded(
                            lambda mine=mine, key=key, engine=engine: follow(
                                Worker(week, CLIENTS[key], engine, pools, tally), mine, started, stands_for
                            )
                        )
                    )

        # pgbench: one run per shape and stretch.
        for key, c in CLIENTS.items():
            runs = [(r, n) for r, n in requests.items() if client_of(r) == key and c.driver == "pgbench"]
            if runs:

                def bench(runs=runs, c=c, now=seconds_of(stands_for)):
                    for r, n in runs:
                        template = SHAPES[r].build({})
                        command = [
                            f"{binaries}/pgbench",
                            "-n",
                            "-M",
                            c.protocol,
                            "-c",
                            "1",
                            "-t",
                            str(n),
                            "-R",
                            f"{n * len(runs) / length:.2f}",
                            f"--random-seed={generator(r, week, day, part).randrange(2**31)}",
                            "-f",
                            "/dev/stdin",
                            "-D",
                            f"products={pools.counts['products']}",
                            "-D",
                            f"orders={pools.counts['orders']}",
                            "-D",
                            f"tenants={pools.counts['tenants']}",
                            "-D",
                            f"now={now}",
                        ]
                        run_program(command, c.application, c.role, PGBENCH_SETS[r] + template + ";\n", tally, {r: n})

                threads.append(guarded(bench))

        # psql: the nightly job.
        if part == 0:

            def night(stands_for=stands_for, day=day):
                script = ""
                names = NIGHTLY + (ON_SUNDAYS if day == 6 else [])
                for r in names:
                    parameters = SHAPES[r].draw(generator(r, week, day), pools, stands_for)
                    script += "".join(f"\\set {k} '{v}'\n" for k, v in parameters.items())
                    script += SHAPES[r].build(parameters) + ";\n"
                c = CLIENTS["nightly"]
                run_program(
                    [f"{binaries}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"],
                    c.application,
                    c.role,
                    script,
                    tally,
                    {r: 1 for r in names},
                )

            threads.append(guarded(night))

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for engine in orm.values():
            engine.dispose()
        if failures:
            raise failures[0]
        moments[-1]["real_end"] = time.time()
        print(f"week {week} day {day + 1} {name}: {time.time() - started:.1f} s", file=sys.stderr)
        if part == len(STRETCHES) - 1 and os.environ.get("SHOP_SNAPSHOT"):
            subprocess.run([os.environ["SHOP_SNAPSHOT"], f"week{week}-day{day + 1}"], check=True)

    moments[0]["opened"], moments[-1]["closed"] = arguments.opened or moments[0]["real_start"], time.time()
    with open(f"{arguments.outdir}/week{week}-moments.json", "w", encoding="utf-8") as file:
        json.dump(moments, file, indent=1)
    with open(f"{arguments.outdir}/week{week}-calls.json", "w", encoding="utf-8") as file:
        json.dump({n: tally[n] for n in sorted(SHAPES)}, file, indent=1)


def follow(worker, work, started, stands_for):
    for offset, request, number in work:
        wait = started + offset - time.time()
        if wait > 0:
            time.sleep(wait)
        now = (stands_for + dt.timedelta(seconds=offset)).replace(microsecond=0)
        worker.run(request, number, now)


if __name__ == "__main__":
    assert all(name in SHAPES or hasattr(Worker, name.split(".")[1]) for name in REQUESTS)
    assert all(is_template(SHAPES[name]) for name in NIGHTLY + ON_SUNDAYS)
    main()

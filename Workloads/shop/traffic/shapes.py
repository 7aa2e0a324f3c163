"""Every query shape of the recorded workload: who sends it, how, and with which parameters.

A shape is one statement. Its text is made by SQLAlchemy, by a text() template or, for pgbench and psql, by a template
with :name variables. Parameters are drawn by a seeded generator, so a shape's n-th parameter set is always the same.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import delete, func, insert, literal_column, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as pg_insert

from models import (
    Address,
    AuditEntry,
    CalendarEntry,
    Customer,
    Habit,
    HabitEntry,
    Job,
    Note,
    Order,
    OrderItem,
    PageView,
    Payment,
    Product,
    Review,
    Shipment,
    Ticket,
)

UTC = dt.UTC
DATA_END = dt.datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Client:
    """One application: how it connects and how many connections it keeps."""

    application: str
    role: str
    driver: str  # "psycopg2", "psycopg", "pgbench" or "psql"
    protocol: str  # "simple", "extended" or "prepared"
    connections: int


CLIENTS = {
    "web": Client("shop-web", "shop_web", "psycopg2", "simple", 2),
    "api": Client("shop-api", "shop_api", "psycopg", "extended", 2),
    "worker": Client("shop-worker", "shop_worker", "psycopg", "extended", 1),
    "life": Client("life-app", "life_app", "psycopg", "extended", 1),
    "reports": Client("reports", "reporting", "psycopg2", "simple", 1),
    "stock": Client("stock-sync", "shop_worker", "pgbench", "prepared", 1),
    "probe": Client("probe", "shop_api", "pgbench", "simple", 1),
    "beacon": Client("beacon", "shop_api", "pgbench", "extended", 1),
    "nightly": Client("nightly", "nightly_job", "psql", "simple", 1),
}


@dataclass
class Shape:
    name: str
    client: str
    build: Callable[[dict[str, Any]], Any]  # parameters -> SQLAlchemy statement, or a template for pgbench and psql
    draw: Callable[[random.Random, Pools, dt.datetime], dict[str, Any]]
    kind: str = "read"  # "read", "write" or "utility"
    tags: dict[str, str] = field(default_factory=dict)

    def comment(self) -> str:
        """The sqlcommenter comment, or nothing. Percent signs are doubled for the drivers' placeholder style."""
        pairs = ",".join(f"{key}='{quote(value, safe='')}'" for key, value in sorted(self.tags.items()))
        return (" /*" + pairs + "*/").replace("%", "%%") if pairs else ""


@dataclass
class Pools:
    """Values that exist in the loaded rows, read once before the traffic, in a fixed order."""

    emails: list[str]
    slugs: list[str]
    skus: list[tuple[int, str]]
    tracking_codes: list[str]
    drafts: list[int]
    visitors: list[str]
    customers: list[int]
    regulars: list[int]
    orders: list[int]
    words: list[str]
    stocked: list[tuple[int, int]]
    counts: dict[str, int]

    @staticmethod
    def read(run: Callable[[str], list[tuple]]) -> Pools:
        def one(query: str) -> list:
            return [row[0] for row in run(query)]

        tables = [
            "customers",
            "products",
            "orders",
            "jobs",
            "tickets",
            "tenants",
            "page_views",
            "life.people",
            "life.habits",
        ]
        return Pools(
            emails=one("SELECT email FROM customers WHERE id % 97 = 5 ORDER BY id LIMIT 600"),
            slugs=one("SELECT slug FROM tenants ORDER BY id"),
            skus=[
                tuple(row) for row in run("SELECT tenant_id, sku FROM products WHERE id % 41 = 3 ORDER BY id LIMIT 800")
            ],
            tracking_codes=one("SELECT tracking_code FROM shipments WHERE id % 101 = 7 ORDER BY id LIMIT 900"),
            drafts=one("SELECT id FROM orders WHERE status = 'draft' ORDER BY id DESC LIMIT 2000"),
            visitors=one("SELECT DISTINCT visitor FROM page_views WHERE id % 211 = 9 ORDER BY visitor LIMIT 400"),
            customers=one("SELECT customer_id FROM orders WHERE id % 331 = 11 ORDER BY id LIMIT 900"),
            regulars=one(
                "SELECT customer_id FROM orders GROUP BY customer_id HAVING count(*) >= 8 ORDER BY customer_id LIMIT 300"
            ),
            orders=one("SELECT id FROM orders WHERE status <> 'draft' AND id % 171 = 3 ORDER BY id LIMIT 1500"),
            words=one(
                "SELECT DISTINCT lower(substr(full_name, strpos(full_name, ' ') + 1, 6)) AS word FROM customers "
                "WHERE id % 613 = 3 ORDER BY word LIMIT 200"
            ),
            stocked=run("SELECT product_id, warehouse_id FROM inventory WHERE product_id > 500 ORDER BY 1, 2 LIMIT 2"),
            counts={t: run(f"SELECT max(id) FROM {t}")[0][0] for t in tables},
        )


SHAPES: dict[str, Shape] = {}


def shape(name: str, build, draw, kind: str = "read", client: str | None = None, **tags: str) -> None:
    SHAPES[name] = Shape(name, client or name.split(".")[0], build, draw, kind, tags)


def skewed(rng: random.Random, n: int, power: float = 2) -> int:
    """1…n, small numbers more often."""
    return 1 + int(n * rng.random() ** power)


def before(rng: random.Random, days: float) -> dt.datetime:
    """A moment within the last days of the loaded data, to the second."""
    return DATA_END - dt.timedelta(seconds=int(rng.random() * days * 86400))


def seconds_of(now: dt.datetime) -> int:
    """Since the first week began; pgbench has no dates."""
    return int((now - dt.datetime(2026, 3, 2, tzinfo=UTC)).total_seconds())


# --- The web shop: SQLAlchemy ORM over psycopg2, which puts literals into the text (simple protocol). ---
shape(
    "web.login_by_email",
    lambda p: select(Customer).where(func.lower(Customer.email) == p["email"].lower()),
    lambda r, v, now: {"email": r.choice(v.emails)},
    controller="session",
    route="/login",
)
shape(
    "web.customer_by_id",
    lambda p: select(Customer).where(Customer.id == p["id"]),
    lambda r, v, now: {"id": skewed(r, v.counts["customers"])},
    controller="account",
    route="/account",
)
shape(
    "web.customer_addresses",
    lambda p: select(Address).where(Address.customer_id == p["customer"]),
    lambda r, v, now: {"customer": r.choice(v.customers)},
    controller="account",
    route="/account/addresses",
)
shape(
    "web.shipping_addresses",
    lambda p: select(Address).where(Address.customer_id == p["customer"], Address.kind == "shipping"),
    lambda r, v, now: {"customer": r.choice(v.customers)},
    controller="checkout",
    route="/checkout",
)
shape(
    "web.order_history",
    lambda p: select(Order).where(Order.customer_id == p["customer"]).order_by(Order.placed_at.desc()).limit(20),
    lambda r, v, now: {"customer": r.choice(v.regulars or v.customers)},
    controller="orders",
    route="/orders",
)
shape(
    "web.order_items_of_order",
    lambda p: select(OrderItem).where(OrderItem.order_id == p["order"]).order_by(OrderItem.line_no),
    lambda r, v, now: {"order": r.choice(v.orders)},
    controller="orders",
    route="/orders",
)
shape(
    "web.payments_of_order",
    lambda p: select(Payment).where(Payment.order_id == p["order"]).order_by(Payment.id),
    lambda r, v, now: {"order": r.choice(v.orders)},
    controller="orders",
    route="/orders/{id}",
)
shape(
    "web.product_page",
    lambda p: select(Product).where(Product.tenant_id == p["sku"][0], Product.sku == p["sku"][1]),
    lambda r, v, now: {"sku": r.choice(v.skus)},
    controller="catalogue",
    route="/p/{sku}",
)
shape(
    "web.product_reviews",
    lambda p: select(Review).where(Review.product_id == p["product"]).order_by(Review.created_at.desc()).limit(10),
    lambda r, v, now: {"product": skewed(r, v.counts["products"])},
    controller="catalogue",
    route="/p/{sku}",
)
shape(
    "web.category_listing",
    lambda p: (
        select(Product.id, Product.name, Product.price_cents)
        .where(Product.category_id == p["category"], Product.active)
        .order_by(Product.price_cents)
        .limit(24)
    ),
    lambda r, v, now: {"category": 12 + skewed(r, 228)},
    controller="catalogue",
    route="/c/{category}",
)
shape(
    "web.filter_attributes",
    lambda p: (
        select(Product.id, Product.name, Product.price_cents)
        .where(Product.attributes.contains(p["attributes"]))
        .limit(200)
    ),
    lambda r, v, now: {
        "attributes": {"limited": True, "edition": r.randrange(20), "color": r.choice(["red", "blue", "teal"])}
    },
    controller="catalogue",
    route="/filter",
)
shape(
    "web.track_shipment",
    lambda p: select(Shipment.carrier, Shipment.status, Shipment.shipped_at, Shipment.delivered_at).where(
        Shipment.tracking_code == p["code"]
    ),
    lambda r, v, now: {"code": r.choice(v.tracking_codes)},
    controller="tracking",
    route="/track/{code}",
)
shape(
    "web.my_reviews",
    lambda p: select(Review.id, Review.product_id, Review.rating, Review.title).where(
        Review.customer_id == p["customer"]
    ),
    lambda r, v, now: {"customer": r.choice(v.customers)},
    controller="account",
    route="/account/reviews",
)
shape(
    "web.find_customer_by_name",
    lambda p: (
        select(Customer.id, Customer.full_name, Customer.email)
        .where(Customer.full_name.ilike(f"%{p['word']}%"))
        .order_by(Customer.full_name, Customer.id)
        .limit(50)
    ),
    lambda r, v, now: {"word": r.choice(v.words)},
    controller="support",
    route="/support/search",
)
shape(
    "web.sign_up",
    lambda p: insert(Customer).values(**p).returning(Customer.id),
    lambda r, v, now: {
        "tenant_id": skewed(r, v.counts["tenants"], 3),
        "email": f"new{r.randrange(10**9)}@post.example",
        "full_name": "Nova Example",
        "country": "DE",
        "loyalty_points": 0,
        "created_at": now,
    },
    kind="write",
    controller="session",
    route="/signup",
)
shape(
    "web.place_order",
    lambda p: insert(Order).values(**p).returning(Order.id),
    lambda r, v, now: {
        "tenant_id": skewed(r, v.counts["tenants"], 3),
        "customer_id": r.choice(v.customers),
        "status": "pending",
        "total_cents": r.randrange(500, 60000),
        "placed_at": now,
        "updated_at": now,
    },
    kind="write",
    controller="checkout",
    route="/checkout",
)
shape(
    "web.add_order_item",
    lambda p: insert(OrderItem).values(**p).returning(OrderItem.id),
    lambda r, v, now: {
        "order_id": r.choice(v.drafts[:100]),
        "line_no": r.randrange(100, 30000),
        "product_id": skewed(r, v.counts["products"]),
        "quantity": r.randrange(1, 4),
        "unit_price_cents": r.randrange(200, 9000),
    },
    kind="write",
    controller="checkout",
    route="/checkout",
)
shape(
    "web.add_points",
    lambda p: (
        update(Customer).where(Customer.id == p["id"]).values(loyalty_points=Customer.loyalty_points + p["points"])
    ),
    lambda r, v, now: {"id": r.choice(v.customers), "points": r.randrange(1, 40)},
    kind="write",
    controller="checkout",
    route="/checkout",
)

# --- The back-office API: SQLAlchemy Core over psycopg 3, which sends parameters (extended protocol). ---
shape(
    "api.tenant_by_slug",
    lambda p: text("SELECT id, name, plan FROM tenants WHERE slug = :slug").bindparams(**p),
    lambda r, v, now: {"slug": r.choice(v.slugs)},
)
shape(
    "api.tenant_sales_in_range",
    lambda p: select(func.count(), func.sum(Order.total_cents)).where(
        Order.tenant_id == p["tenant"], Order.placed_at >= p["since"], Order.placed_at < p["until"]
    ),
    lambda r, v, now: (
        lambda since: {
            "tenant": r.randrange(20, v.counts["tenants"] + 1) if v.counts["tenants"] > 20 else 2,
            "since": since,
            "until": since + dt.timedelta(days=90),
        }
    )(before(r, 90) - dt.timedelta(days=90)),
    route="/tenants/{id}/sales",
    controller="sales",
)
shape(
    "api.ticket_inbox",
    lambda p: (
        select(Ticket.id, Ticket.priority, Ticket.state, Ticket.subject, Ticket.opened_at)
        .where(Ticket.tenant_id == p["tenant"])
        .order_by(Ticket.priority.desc(), Ticket.opened_at.asc())
        .limit(25)
    ),
    lambda r, v, now: {"tenant": skewed(r, v.counts["tenants"], 3)},
    route="/tickets",
    controller="tickets",
)
shape(
    "api.ticket_update",
    lambda p: update(Ticket).where(Ticket.id == p["id"]).values(state=p["state"], updated_at=p["now"]),
    lambda r, v, now: {
        "id": r.randrange(1, v.counts["tickets"] + 1),
        "state": r.choice(["open", "closed"]),
        "now": now,
    },
    kind="write",
    route="/tickets/{id}",
    controller="tickets",
)
shape(
    "api.orders_with_product",
    lambda p: (
        select(OrderItem.order_id, OrderItem.quantity, Order.status, Order.placed_at)
        .join(Order, Order.id == OrderItem.order_id)
        .where(OrderItem.product_id == p["product"])
        .order_by(Order.placed_at.desc())
        .limit(50)
    ),
    lambda r, v, now: {"product": skewed(r, v.counts["products"])},
    route="/products/{id}/orders",
    controller="products",
)
shape(
    "api.page_views_of_page",
    lambda p: select(PageView.visitor, PageView.referrer, PageView.viewed_at).where(
        PageView.tenant_id == p["tenant"], PageView.page_no == p["page"]
    ),
    lambda r, v, now: {"tenant": skewed(r, v.counts["tenants"], 2), "page": r.randrange(1, 301)},
)
shape(
    "api.stock_by_warehouse",
    lambda p: text(
        "SELECT warehouse_id, sum(quantity) AS moved FROM stock_movements WHERE product_id = :product GROUP BY warehouse_id"
    ).bindparams(**p),
    lambda r, v, now: {"product": 37 * r.randrange(1, 13)},
    route="/products/{id}/stock",
    controller="stock",
)
shape(
    "api.orders_with_coupon",
    lambda p: (
        select(Order.id, Order.total_cents, Order.placed_at, Customer.full_name)
        .join(Customer, Customer.id == Order.customer_id)
        .where(Order.coupon_code == p["code"])
        .order_by(Order.placed_at.desc())
        .limit(50)
    ),
    lambda r, v, now: {"code": f"SAVE{skewed(r, 400):04d}"},
    route="/coupons/{code}",
    controller="coupons",
)
shape(
    "api.order_sheet",
    lambda p: text(
        "SELECT o.id, o.status, o.total_cents, c.full_name, c.email, a.street, a.postcode, a.city FROM orders o "
        "JOIN customers c ON c.id = o.customer_id LEFT JOIN addresses a ON a.id = o.shipping_address_id "
        "WHERE o.id = :id"
    ).bindparams(**p),
    lambda r, v, now: {"id": r.choice(v.orders)},
    route="/orders/{id}",
    controller="orders",
)
shape(
    "api.shipments_of_order",
    lambda p: select(Shipment).where(Shipment.order_id == p["order"]),
    lambda r, v, now: {"order": r.choice(v.orders)},
)
shape(
    "api.delete_draft",
    lambda p: delete(Order).where(Order.id == p["id"], Order.status == "draft"),
    lambda r, v, now: {"id": r.choice(v.drafts)},
    kind="write",
    route="/drafts/{id}",
    controller="orders",
)
shape(
    "api.payments_page",
    lambda p: (
        select(Payment.id, Payment.order_id, Payment.amount_cents, Payment.created_at)
        .where(tuple_(Payment.created_at, Payment.id) < tuple_(p["at"], p["id"]))
        .order_by(Payment.created_at.desc(), Payment.id.desc())
        .limit(50)
    ),
    lambda r, v, now: {"at": before(r, 300), "id": r.randrange(1, v.counts["orders"])},
)
shape(
    "api.products_by_ids",
    lambda p: select(Product.id, Product.name, Product.price_cents).where(Product.id.in_(p["ids"])),
    lambda r, v, now: {"ids": sorted({skewed(r, v.counts["products"]) for _ in range(r.randrange(2, 7))})},
    route="/basket",
    controller="basket",
)
shape(
    "api.add_payment",
    lambda p: text(
        "INSERT INTO payments (order_id, provider, provider_ref, status, amount_cents, created_at) "
        "VALUES (:order, 'cardhub', :ref, 'captured', :amount, :now) RETURNING id"
    ).bindparams(**p),
    lambda r, v, now: {
        "order": r.choice(v.orders),
        "ref": f"{r.getrandbits(64):016x}",
        "amount": r.randrange(500, 60000),
        "now": now,
    },
    kind="write",
    route="/payments",
    controller="payments",
)

# --- The background worker: psycopg 3, tagged with its job. ---
shape(
    "worker.claim_job",
    lambda p: (
        select(Job)
        .where(Job.state == literal_column("'queued'"), Job.queue == p["queue"], Job.run_at <= p["now"])
        .order_by(Job.priority, Job.run_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ),
    lambda r, v, now: {
        "queue": r.choice(["mail", "mail", "mail", "thumbnails", "thumbnails", "sync", "invoice", "cleanup"]),
        "now": now,
    },
    job="poll_queue",
)
shape(
    "worker.start_job",
    lambda p: (
        update(Job).where(Job.id == p["id"]).values(state="running", locked_by=p["worker"], attempts=Job.attempts + 1)
    ),
    lambda r, v, now: {"id": r.randrange(1, v.counts["jobs"] + 1), "worker": f"worker-{r.randrange(4)}"},
    kind="write",
    job="poll_queue",
)
shape(
    "worker.finish_job",
    lambda p: update(Job).where(Job.id == p["id"]).values(state="done", finished_at=p["now"]),
    lambda r, v, now: {"id": r.randrange(1, v.counts["jobs"] + 1), "now": now},
    kind="write",
    job="poll_queue",
)
shape(
    "worker.enqueue",
    lambda p: insert(Job).values(**p).returning(Job.id),
    lambda r, v, now: {
        "queue": r.choice(["mail", "mail", "sync", "invoice"]),
        "state": "queued",
        "priority": r.randrange(1, 10),
        "attempts": 0,
        "payload": {"object": r.randrange(10**6), "kind": "created"},
        "run_at": now,
    },
    kind="write",
    job="fan_out",
)
shape(
    "worker.write_audit",
    lambda p: insert(AuditEntry).values(**p),
    lambda r, v, now: {
        "tenant_id": skewed(r, v.counts["tenants"], 3),
        "actor": f"user-{r.randrange(3000)}",
        "entity_type": "order",
        "entity_id": skewed(r, 40000),
        "action": "update",
        "detail": {"field": "status"},
        "created_at": now,
    },
    kind="write",
    job="audit",
)
shape(
    "worker.history_of_entity",
    lambda p: (
        select(AuditEntry.id, AuditEntry.actor, AuditEntry.action, AuditEntry.created_at)
        .where(AuditEntry.entity_type == p["type"], AuditEntry.entity_id == p["id"])
        .order_by(AuditEntry.created_at.desc())
        .limit(20)
    ),
    lambda r, v, now: {"type": r.choice(["order", "order", "customer", "product", "payment"]), "id": skewed(r, 40000)},
    job="audit",
)
shape(
    "worker.correct_stock",
    lambda p: text(
        "UPDATE inventory SET reserved = reserved + 1 WHERE product_id = :product AND warehouse_id = :warehouse"
    ).bindparams(**p),
    lambda r, v, now: {"product": skewed(r, v.counts["products"]), "warehouse": r.randrange(1, 9)},
    kind="write",
    job="stock",
)

# --- The life-management application: ORM over psycopg 3, no tags. ---
shape(
    "life.recent_notes",
    lambda p: (
        select(Note.id, Note.title, Note.updated_at)
        .where(Note.person_id == p["person"])
        .order_by(Note.updated_at.desc())
        .limit(20)
    ),
    lambda r, v, now: {"person": skewed(r, v.counts["life.people"])},
)
shape(
    "life.search_notes",
    lambda p: text(
        "SELECT id, title FROM life.notes WHERE search @@ plainto_tsquery('simple', :words) AND person_id = :person LIMIT 30"
    ).bindparams(**p),
    lambda r, v, now: {
        "words": r.choice(["varnish warm", "neighbour", "battery office", "screws kind", "older model"]),
        "person": skewed(r, v.counts["life.people"]),
    },
)
shape(
    "life.notes_with_tag",
    lambda p: (
        select(Note.id, Note.title, Note.tags)
        .where(Note.tags.contains([p["tag"]]))
        .order_by(Note.updated_at.desc())
        .limit(20)
    ),
    lambda r, v, now: {"tag": f"topic{r.randrange(50, 400)}"},
)
shape(
    "life.write_note",
    lambda p: insert(Note).values(**p).returning(Note.id),
    lambda r, v, now: {
        "person_id": skewed(r, v.counts["life.people"]),
        "title": "Thought",
        "body": f"Note number {r.randrange(10**6)}",
        "tags": ["home"],
        "pinned": False,
        "updated_at": now,
    },
    kind="write",
)
shape(
    "life.habits_of_person",
    lambda p: select(Habit).where(Habit.person_id == p["person"], Habit.archived.is_(False)),
    lambda r, v, now: {"person": skewed(r, v.counts["life.people"])},
)
shape(
    "life.habit_month",
    lambda p: (
        select(HabitEntry)
        .where(HabitEntry.habit_id == p["habit"], HabitEntry.day >= p["since"])
        .order_by(HabitEntry.day)
    ),
    lambda r, v, now: {"habit": skewed(r, v.counts["life.habits"]), "since": dt.date(2026, 2, 1)},
)
shape(
    "life.check_in",
    lambda p: (
        lambda i: i.on_conflict_do_update(index_elements=["habit_id", "day"], set_={"amount": i.excluded.amount})
    )(pg_insert(HabitEntry).values(**p)),
    lambda r, v, now: {
        "habit_id": skewed(r, v.counts["life.habits"]),
        "day": now.date(),
        "amount": r.randrange(1, 3000) / 100,
    },
    kind="write",
)
shape(
    "life.calendar_of_day",
    lambda p: select(CalendarEntry).where(
        CalendarEntry.person_id == p["person"], CalendarEntry.during.overlaps(p["span"])
    ),
    lambda r, v, now: (
        lambda at: {"person": r.randrange(1, v.counts["life.people"] + 1), "span": Range(at, at + dt.timedelta(days=1))}
    )(dt.datetime(2026, 2, 25 + r.randrange(4), tzinfo=UTC)),
)
shape(
    "life.add_calendar_entry",
    lambda p: insert(CalendarEntry).values(**p).returning(CalendarEntry.id),
    lambda r, v, now: (
        lambda at: {
            "person_id": r.randrange(1, v.counts["life.people"] + 1),
            "title": "Appointment",
            "during": Range(at, at + dt.timedelta(minutes=30)),
        }
    )(dt.datetime(2027, 1, 1, tzinfo=UTC) + dt.timedelta(minutes=30 * r.randrange(17000))),
    kind="write",
)

# --- Reports: psycopg2 with hand-written SQL. ---
shape(
    "reports.revenue_deciles",
    lambda p: text(
        "SELECT decile, count(*), sum(value) FROM (SELECT value, ntile(10) OVER (ORDER BY value DESC) AS decile FROM ("
        "SELECT i.quantity * i.unit_price_cents - i.discount_cents AS value FROM order_items i JOIN orders o ON o.id = i.order_id "
        "WHERE o.placed_at >= :since) AS sold) AS ranked GROUP BY decile ORDER BY decile"
    ).bindparams(**p),
    lambda r, v, now: {"since": dt.datetime(2025, 6, 1 + r.randrange(28), tzinfo=UTC)},
    job="weekly_board",
)
shape(
    "reports.review_lengths",
    lambda p: text(
        "SELECT rating, count(*), avg(length(body)) AS mean_length FROM reviews GROUP BY rating ORDER BY rating"
    ),
    lambda r, v, now: {},
    job="weekly_board",
)
shape(
    "reports.shipments_by_carrier",
    lambda p: text(
        "SELECT carrier, count(*), avg(delivered_at - shipped_at) FROM shipments WHERE status = :status GROUP BY carrier"
    ).bindparams(**p),
    lambda r, v, now: {"status": ["delivered", "lost", "customs", "lost"][r.number % 4]},
    job="carrier_watch",
)
shape(
    "reports.new_import_rows",
    lambda p: text(
        "SELECT count(*) FROM supplier_import_rows r WHERE r.batch_no = :batch AND NOT EXISTS (SELECT 1 FROM supplier_import_rows p "
        "WHERE p.batch_no = :previous AND p.sku = r.sku)"
    ).bindparams(**p),
    lambda r, v, now: (lambda b: {"batch": b, "previous": b - 1})(r.randrange(23, 45)),
    job="import_check",
)
shape(
    "reports.sales_by_month",
    lambda p: text(
        "SELECT tenant_id, date_trunc('month', placed_at) AS month, count(*), sum(total_cents) FROM orders "
        "WHERE status NOT IN ('draft', 'cancelled') GROUP BY tenant_id, date_trunc('month', placed_at) ORDER BY tenant_id, month"
    ),
    lambda r, v, now: {},
    job="weekly_board",
)
shape(
    "reports.order_overview_page",
    lambda p: text("SELECT * FROM order_overview WHERE id BETWEEN :first AND :last ORDER BY id").bindparams(**p),
    lambda r, v, now: (lambda i: {"first": i, "last": i + 60})(r.choice(v.orders)),
)
shape(
    "reports.tenant_days",
    lambda p: text(
        "SELECT day, orders, total_cents FROM daily_sales WHERE tenant_id = :tenant AND day >= :since ORDER BY day"
    ).bindparams(**p),
    lambda r, v, now: {"tenant": skewed(r, v.counts["tenants"], 3), "since": dt.date(2026, 2, 1 + r.randrange(28))},
)

# --- pgbench and psql: templates with :name variables. ---
shape(
    "stock.count_inventory",
    lambda p: (
        "UPDATE inventory SET quantity = quantity + :delta, updated_at = timestamptz '2026-03-02' + :seconds * interval '1 second' "
        "WHERE product_id BETWEEN :product AND :product + 9"
    ),
    lambda r, v, now: {
        "delta": r.randrange(-5, 6),
        "seconds": seconds_of(now) + r.randrange(3600),
        "product": r.randrange(1, v.counts["products"] + 1),
    },
    kind="write",
)
shape(
    "stock.read_inventory",
    lambda p: "SELECT warehouse_id, quantity - reserved AS free FROM inventory WHERE product_id = :product",
    lambda r, v, now: {"product": r.randrange(1, v.counts["products"] + 1)},
)
shape(
    "probe.order_status",
    lambda p: "SELECT status, updated_at FROM orders WHERE id = :id",
    lambda r, v, now: {"id": r.randrange(1, v.counts["orders"] + 1)},
)
shape(
    "beacon.add_view",
    lambda p: (
        "INSERT INTO page_views (tenant_id, page_no, visitor, viewed_at) VALUES (:tenant, :page, 'visitor-' || :visitor, "
        "timestamptz '2026-03-02' + :seconds * interval '1 second')"
    ),
    lambda r, v, now: {
        "tenant": skewed(r, v.counts["tenants"], 2),
        "page": r.randrange(1, 301),
        "visitor": r.randrange(20000),
        "seconds": seconds_of(now) + r.randrange(3600),
    },
    kind="write",
)
shape(
    "beacon.visitor_path",
    lambda p: "SELECT page_no, viewed_at FROM page_views WHERE visitor = substr(md5('visitor ' || :visitor), 1, 16)",
    lambda r, v, now: {"visitor": skewed(r, 20000)},
)

shape(
    "nightly.refresh_daily_sales",
    lambda p: "REFRESH MATERIALIZED VIEW CONCURRENTLY daily_sales",
    lambda r, v, now: {},
    kind="utility",
)
shape(
    "nightly.recent_inventory",
    lambda p: "SELECT count(*), sum(quantity) FROM inventory WHERE updated_at >= timestamptz :'since'",
    lambda r, v, now: {"since": (now - dt.timedelta(days=1)).strftime("%Y-%m-%d %H:00:00+00")},
)
shape(
    "nightly.purge_jobs",
    lambda p: "DELETE FROM jobs WHERE finished_at < timestamptz :'until'",
    lambda r, v, now: {
        "until": (dt.datetime(2025, 9, 1, tzinfo=UTC) + (now - dt.datetime(2026, 3, 2, tzinfo=UTC)) / 2).strftime(
            "%Y-%m-%d %H:00:00+00"
        )
    },
    kind="write",
)
shape(
    "nightly.expire_coupons",
    lambda p: "UPDATE coupons SET active = false WHERE active AND expires_on < date :'today'",
    lambda r, v, now: {"today": now.date().isoformat()},
    kind="write",
)
shape(
    "nightly.audit_volume",
    lambda p: (
        "SELECT action, count(*) FROM audit_log WHERE created_at >= timestamptz :'since' AND created_at < timestamptz :'until' GROUP BY action"
    ),
    lambda r, v, now: {
        "since": (now - dt.timedelta(days=30)).strftime("%Y-%m-%d 00:00:00+00"),
        "until": now.strftime("%Y-%m-%d 00:00:00+00"),
    },
)
shape(
    "nightly.views_of_day",
    lambda p: (
        "SELECT tenant_id, count(*) FROM page_views WHERE viewed_at >= timestamptz :'since' AND viewed_at < timestamptz :'until' GROUP BY tenant_id"
    ),
    lambda r, v, now: (
        lambda d: {
            "since": d.strftime("%Y-%m-%d 00:00:00+00"),
            "until": (d + dt.timedelta(days=1)).strftime("%Y-%m-%d 00:00:00+00"),
        }
    )(dt.datetime(2025, 12, 5, tzinfo=UTC) + dt.timedelta(days=r.randrange(80))),
)

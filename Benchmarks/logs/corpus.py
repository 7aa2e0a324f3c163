#!/usr/bin/env python3
"""Makes the log corpus that measure.py reads: the same entries as stderr log, csvlog and jsonlog, from a real server.

    Benchmarks/logs/corpus.py [--directory /var/tmp/pgassay-log-corpus] [--megabytes 300] [--fresh]

Starts a private PostgreSQL 15 that logs every statement to all three destinations at once, and lets some twenty clients
work on three databases until the smallest log has --megabytes: pgbench in the simple, extended and prepared protocols
with the statements of workload.py, its own TPC-B, connections that last one transaction, reports whose sorts spill to
disk and whose plans auto_explain writes, rivals for the same rows (lock waits, deadlocks), and psql scripts full of
errors. Checkpoints and autovacuum run meanwhile. No entry is made up or repeated.

Leaves postgresql.log, postgresql.csv, postgresql.json and corpus.json (what the server counted) in the directory, which
lies outside the repository, and does nothing when they are there. The server and its data are removed.
"""
import argparse
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import workload

BIN = os.environ.get("PGASSAY_PG_BIN", "/usr/lib/postgresql/15/bin")
PREFIX = "%m [%p] %q%u@%d/%a "
FILES = ("postgresql.log", "postgresql.csv", "postgresql.json")
# Roles and what auto_explain writes for them.
ROLES = {"shop": {}, "größe-app": {}, "teller": {}, "worker": {
    "auto_explain.log_min_duration": "0", "auto_explain.sample_rate": "0.02", "auto_explain.log_format": "text"},
    "reporting": {"auto_explain.log_min_duration": "0", "auto_explain.log_format": "json",
                  "auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on", "work_mem": "'256kB'"}}
SETTINGS = f"""
listen_addresses = ''
unix_socket_directories = '{{directory}}'
max_connections = 60
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 64MB
checkpoint_timeout = 30s
autovacuum_naptime = 5s
deadlock_timeout = 100ms
shared_preload_libraries = 'pg_stat_statements,auto_explain'
compute_query_id = on
pg_stat_statements.max = 20000
logging_collector = on
log_destination = 'stderr,csvlog,jsonlog'
log_directory = 'log'
log_filename = 'postgresql.log'
log_rotation_age = 0
log_rotation_size = 0
log_file_mode = 0644
log_line_prefix = '{PREFIX}'
log_timezone = 'UTC'
log_min_duration_statement = 0
log_checkpoints = on
log_connections = on
log_disconnections = on
log_lock_waits = on
log_temp_files = 0
log_autovacuum_min_duration = 0
lc_messages = 'C'
"""


class Server:
    """A private server under a directory, run as `postgres` where we are root."""

    def __init__(self, base):
        self.base = base
        self.user = "postgres" if os.geteuid() == 0 else None
        self.data = os.path.join(base, "data")
        if self.user:
            shutil.chown(base, self.user)

    def run(self, *command, script=None, check=True, **environment):
        done = subprocess.run(
            command, input=script, text=True, capture_output=True, user=self.user, cwd=self.base,
            env=self.environment(**environment))
        if check and done.returncode != 0:
            sys.exit(f"{command[0]} failed with exit code {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout

    def environment(self, **more):
        return {**os.environ, "PGHOST": self.base, "PGPORT": "5432", "PGUSER": "postgres", "LC_ALL": "C.UTF-8", **more}

    def start(self):
        self.run(f"{BIN}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(SETTINGS.replace("{directory}", self.base))
        self.run(f"{BIN}/pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.base, "start.log"), "start")

    def stop(self):
        self.run(f"{BIN}/pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop", check=False)

    def psql(self, database, script, **environment):
        return self.run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-At", "-d", database, script=script, **environment)

    def logs(self):
        return [os.path.join(self.data, "log", name) for name in FILES]


def prepare(server):
    roles = "".join(f'CREATE ROLE "{role}" LOGIN SUPERUSER;\n' for role in ROLES)
    roles += "".join(f'ALTER ROLE "{role}" SET {name} = {value};\n'
                     for role, settings in ROLES.items() for name, value in settings.items())
    # What is only preparation stays out of the log, as it would be far from everyday.
    quiet = {"PGOPTIONS": "-c log_min_duration_statement=-1"}
    server.psql("postgres", roles + "CREATE DATABASE shop; CREATE DATABASE billing; CREATE DATABASE bank;\n"
                "CREATE EXTENSION pg_stat_statements;", **quiet)
    for database in ("shop", "billing"):
        server.psql(database, workload.ddl(), **quiet)
    server.run(f"{BIN}/pgbench", "-i", "-q", "-s", "2", "bank", **quiet)
    server.psql("postgres", "SELECT pg_stat_statements_reset();", **quiet)


def clients(server):
    """Command and environment of every client."""
    folder = os.path.join(server.base, "scripts")
    os.mkdir(folder)

    def files(name, scripts):
        arguments = []
        for number, (_, weight, text) in enumerate(scripts):
            path = os.path.join(folder, f"{name}-{number}.sql")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            arguments += ["-f", f"{path}@{weight}"]
        return arguments

    simple, extended = files("simple", workload.scripts(True)), files("extended", workload.scripts(False))
    reports = files("reports", workload.reports())
    rivals = files("rivals", [("rivals", 1, workload.rivals())])
    mistakes = os.path.join(folder, "mistakes.sql")
    with open(mistakes, "w", encoding="utf-8") as file:
        file.write(workload.mistakes(400))

    def bench(database, role, application, count, mode, *more):
        return ([f"{BIN}/pgbench", "-n", "-c", str(count), "-T", "100000", "-M", mode, *more, database],
                {"PGUSER": role, "PGAPPNAME": application})

    return [
        bench("shop", "shop", "web", 3, "extended", *extended),
        bench("shop", "shop", "api/v2", 3, "prepared", *extended),
        bench("billing", "größe-app", "jobs – nächtlich", 2, "simple", *simple),
        bench("shop", "worker", "celery@worker-1", 2, "simple", *simple),
        bench("billing", "shop", "web", 1, "extended", "--rate=40", *reports),
        bench("shop", "reporting", "metabase", 1, "simple", "--rate=15", *reports),
        bench("bank", "teller", "pgbench", 2, "simple"),
        bench("bank", "teller", "pgbench", 1, "prepared"),
        bench("bank", "teller", "cron", 1, "simple", "-C", "--rate=20"),
        bench("shop", "worker", "seats", 6, "extended", "--rate=30", *rivals),
        (["psql", "-X", "-q", "-d", "shop", "-f", mistakes], {"PGUSER": "shop", "PGAPPNAME": "console"}),
    ]


def fill(server, target, limit):
    """Runs the clients until the smallest log has `target` bytes."""
    commands = clients(server)
    running = {}
    started = time.monotonic()
    logs = server.logs()
    with open(os.path.join(server.base, "clients.log"), "w", encoding="utf-8") as output:
        try:
            while True:
                sizes = [os.path.getsize(path) for path in logs]
                seconds = time.monotonic() - started
                print(f"\r{seconds:4.0f} s: " + ", ".join(f"{s / 1e6:.0f} MB" for s in sizes), end="", flush=True)
                if min(sizes) >= target or seconds > limit:
                    break
                for number, (command, environment) in enumerate(commands):
                    # psql ends with its script and begins again; a pgbench that ends has failed.
                    if number in running and running[number].poll() is not None and command[0] != "psql":
                        output.flush()
                        sys.exit("\na client failed:\n" + open(output.name, encoding="utf-8").read()[-2000:])
                    if number not in running or running[number].poll() is not None:
                        running[number] = subprocess.Popen(
                            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=output if command[0] != "psql" else subprocess.DEVNULL,
                            user=server.user, cwd=server.base, env=server.environment(**environment))
                time.sleep(1)
        finally:
            print()
            for process in running.values():
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
            for process in running.values():
                process.wait()


def make(directory, megabytes, limit):
    base = tempfile.mkdtemp(prefix="pgassay-corpus-", dir="/var/tmp")
    server = Server(base)
    try:
        server.start()
        prepare(server)
        fill(server, megabytes * 1_000_000, limit)
        quiet = {"PGOPTIONS": "-c log_min_duration_statement=-1"}
        calls, statements = server.psql(
            "postgres", "SELECT sum(calls), count(*) FROM pg_stat_statements WHERE toplevel;", **quiet).strip().split("|")
        version = server.psql("postgres", "SHOW server_version;", **quiet).strip()
        server.stop()
        os.makedirs(directory, exist_ok=True)
        counts = {}
        for path in server.logs():
            shutil.move(path, os.path.join(directory, os.path.basename(path)))
        # BEGIN and COMMIT that are executed again from a named prepared statement have query id 0, and
        # pg_stat_statements does not count them.
        unnumbered = re.compile(rb'"message":"duration: [0-9.]+ ms  (?:statement|execute).*"query_id":0\}')
        with open(os.path.join(directory, FILES[2]), "rb") as file:
            counts["entries"] = counts["uncounted"] = 0
            for line in file:
                counts["entries"] += 1
                counts["uncounted"] += unnumbered.search(line) is not None
        counts.update(prefix=PREFIX, server_version=version, calls=int(calls), statements=int(statements),
                      bytes={name: os.path.getsize(os.path.join(directory, name)) for name in FILES})
        with open(os.path.join(directory, "corpus.json"), "w", encoding="utf-8") as file:
            json.dump(counts, file, indent=2)
    finally:
        server.stop()
        shutil.rmtree(base, ignore_errors=True)


def ensure(directory, megabytes=300, limit=1200, fresh=False):
    """The corpus' description; the corpus is made where it is missing."""
    description = os.path.join(directory, "corpus.json")
    if fresh or not os.path.exists(description):
        make(directory, megabytes, limit)
    with open(description, encoding="utf-8") as file:
        return json.load(file)


DIRECTORY = os.environ.get("PGASSAY_LOG_CORPUS", "/var/tmp/pgassay-log-corpus")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--directory", default=DIRECTORY)
    arguments.add_argument("--megabytes", type=int, default=300, help="of the smallest log")
    arguments.add_argument("--limit", type=int, default=1200, help="seconds after which the clients stop in any case")
    arguments.add_argument("--fresh", action="store_true", help="make it anew")
    options = arguments.parse_args()
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            sys.exit("PostgreSQL does not run as root, and there is no user postgres to run it as")
    counts = ensure(options.directory, options.megabytes, options.limit, options.fresh)
    print(f"{options.directory}: {counts['entries']:,} entries, {counts['calls']:,} calls of {counts['statements']:,} "
          f"statements in pg_stat_statements, {counts['uncounted']:,} executions that it does not count, PostgreSQL {counts['server_version']}")
    for name, size in counts["bytes"].items():
        print(f"  {name}: {size / 1e6:.0f} MB, {size / counts['entries']:.0f} bytes an entry")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Builds pgassay's advice for real and measures what it brings.

    Benchmarks/advice.py [--pgassay .build/release/pgassay] [--scale 1] [--runs 3] [--minimum 0.60]

1. Ingests the recorded shop workload into a scratch history and asks `pgassay advise --format json` for advice.
2. Loads the same database (Workloads/shop/load.sh) into a private server, as it was in week two.
3. Times every instance of every query shape on it, builds and drops what the advice says, and times them again.
4. Prints both times for every shape, weighted by its calls of week two, and exits with 1 when the workload's time
   shrank by less than --minimum.

Times are psql's \\timing: the client's clock, one connection over a Unix socket, warm cache, the median of --runs runs of
each instance, the mean over a shape's instances. Writes run in transactions that are rolled back.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHOP = os.path.join(HERE, "..", "Workloads", "shop")


def run(command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:3])} … failed with exit code {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def psql(environment, script):
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    done = subprocess.run(command, input=script, text=True, capture_output=True, env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"psql failed:\n{done.stderr[-2000:]}")
    return done.stdout


def measure(environment, shapes, runs):
    """Milliseconds a call by shape: the mean over instances of the median over runs."""
    times = {}
    for shape in shapes:
        script = [f"SET {name} = '{value}';" for name, value in sorted(shape["settings"].items())]
        script += ["\\o /dev/null", "\\timing on"]
        for number, instance in enumerate(shape["instances"]):
            statement = instance.rstrip().rstrip(";")
            # One run more than counted: the first warms the cache.
            for _ in range(runs + 1):
                if shape["kind"] != "read":
                    script += ["\\timing off", "BEGIN;", "\\timing on"]
                script += [f"\\echo instance {number}", statement, ";"]
                if shape["kind"] != "read":
                    script += ["\\timing off", "ROLLBACK;", "\\timing on"]
        found = {}
        current = None
        for line in psql(environment, "\n".join(script) + "\n").splitlines():
            if line.startswith("instance "):
                current = int(line.split()[1])
            elif (took := re.match(r"Time: ([0-9.]+) ms", line)) and current is not None:
                found.setdefault(current, []).append(float(took.group(1)))
                current = None
        medians = [statistics.median(found[n][1:]) for n in sorted(found)]
        if len(medians) != len(shape["instances"]):
            sys.exit(f"{shape['name']}: {len(medians)} of {len(shape['instances'])} instances were timed")
        times[shape["name"]] = statistics.fmean(medians)
    return times


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pgassay", default=os.path.join(HERE, "..", ".build", "release", "pgassay"))
    arguments.add_argument("--scale", default="1", help="share of the rows; the advice is for 1")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--minimum", type=float, default=0.60, help="share of the time that must be saved")
    arguments.add_argument("--keep", metavar="DIR", help="load into DIR and keep it, or use what was kept there")
    options = arguments.parse_args()

    with open(os.path.join(SHOP, "workload.json"), encoding="utf-8") as file:
        shapes = [s for s in json.load(file)["shapes"] if s["instances"]]
    scratch = tempfile.mkdtemp(prefix="pgassay-bench-")
    directory = options.keep or os.path.join(scratch, "shop")
    loader = os.path.join(SHOP, "load.sh")
    try:
        history = os.path.join(scratch, "history.sqlite")
        run([options.pgassay, "ingest", "--history", history, os.path.join(SHOP, "recorded")])
        started = time.monotonic()
        advice = json.loads(run([options.pgassay, "advise", "--history", history, "--format", "json"]))
        print(f"advice: {len(advice['indexes'])} indexes, {len(advice['drops'])} drops, "
              f"{time.monotonic() - started:.1f} s", flush=True)

        mode = ["--start"] if os.path.exists(os.path.join(directory, "loaded")) else ["--scale", options.scale]
        lines = run([loader, directory] + mode).splitlines()
        environment = dict(line.split("=", 1) for line in lines if "=" in line)
        environment.pop("SHOP_DATA", None)

        before = measure(environment, shapes, options.runs)
        print("building:", flush=True)
        for item in advice["indexes"] + advice["drops"]:
            for statement in item["ddl"]:
                print("  " + statement, flush=True)
                psql(environment, statement + "\n")
        psql(environment, "VACUUM;\n")
        after = measure(environment, shapes, options.runs)

        size = psql(environment, "\\t\\a\nSELECT coalesce(sum(pg_relation_size(c.oid)), 0) FROM pg_class c WHERE relname IN ("
                    + ", ".join("'" + i["name"].replace("'", "''") + "'" for i in advice["indexes"]) + ");\n"
                    ) if advice["indexes"] else "0"
    finally:
        subprocess.run([loader, directory, "--shutdown"], capture_output=True)
        shutil.rmtree(scratch, ignore_errors=True)

    rows = sorted(((s["name"], s["calls"]["week2"], before[s["name"]], after[s["name"]]) for s in shapes),
                  key=lambda r: r[1] * (r[3] - r[2]))
    print(f"\n{'query shape':38} {'calls':>7} {'before ms':>10} {'after ms':>10} {'total before s':>15} {'total after s':>14}")
    for name, calls, one, two in rows:
        print(f"{name:38} {calls:7d} {one:10.3f} {two:10.3f} {calls * one / 1e3:15.2f} {calls * two / 1e3:14.2f}")
    total_before = sum(r[1] * r[2] for r in rows) / 1e3
    total_after = sum(r[1] * r[3] for r in rows) / 1e3
    saved = 1 - total_after / total_before
    predicted = sum(i["size_bytes"] for i in advice["indexes"])
    print(f"{'all':38} {sum(r[1] for r in rows):7d} {'':10} {'':10} {total_before:15.2f} {total_after:14.2f}")
    print(f"\nmeasured database time of week two: {total_before:.1f} s before, {total_after:.1f} s after: "
          f"{saved:.1%} saved (at least {options.minimum:.0%} wanted)")
    print(f"size of the built indexes: {int(size.strip() or 0) / 1e6:.1f} MB, predicted {predicted / 1e6:.1f} MB")
    return 0 if saved >= options.minimum else 1


if __name__ == "__main__":
    sys.exit(main())

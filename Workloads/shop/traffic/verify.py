#!/usr/bin/env python3
"""Checks a finished recording: the three log formats hold the same entries, and log, clients and server count alike.

usage: verify.py OUT
"""

from __future__ import annotations

import collections
import csv
import io
import json
import pathlib
import re
import sys

from common import read_compressed
from shapes import CLIENTS, SHAPES
from shift import PREFIXED

EXECUTION = re.compile(r"duration: [0-9.]+ ms  (?:statement|execute [^:]+): (.*)", re.S)
# What drivers and the driver program send beside the shapes.
AROUND = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET |RESET|SHOW |DEALLOCATE|select pg_catalog|SELECT tenant_id, email FROM customers WHERE id|"
    r"SELECT\s+typname|SELECT t\.oid|SELECT current_schema)",
    re.I,
)
SUBORDINATE = re.compile(r"(DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION):  ")
SEVERITY = re.compile(r"(LOG|ERROR|FATAL|WARNING|NOTICE|PANIC|INFO|DEBUG\d):  ")


def main() -> None:
    out = pathlib.Path(sys.argv[1])
    recorded = out / "recorded"
    calls, problems = json.loads((out / "calls.json").read_text()), []
    for week in ("week1", "week2"):
        text = {
            f: read_compressed(next((recorded / week).glob(f"postgresql.{f}.*"))).decode()
            for f in ("log", "csv", "json")
        }
        rows = list(csv.reader(io.StringIO(text["csv"], newline="")))
        of_csv = [(r[0], r[5], int(r[6]), r[11], r[13]) for r in rows]
        objects = [json.loads(line) for line in text["json"].splitlines()]
        of_json = [(o["timestamp"], o["session_id"], o["line_num"], o["error_severity"], o["message"]) for o in objects]
        # The server writes the three files one after the other, so entries of different sessions can swap places.
        if sorted(of_csv, key=lambda e: e[1:3]) != sorted(of_json, key=lambda e: e[1:3]):
            problems.append(f"{week}: csv and json differ")
        of_log = []
        for line in text["log"].splitlines():
            match = PREFIXED.match(line)
            if match:
                # A severity can only follow the prefix; the first on the line is it.
                entry = SEVERITY.search(line)
                if entry and not (SUBORDINATE.search(line) and SUBORDINATE.search(line).start() < entry.start()):
                    of_log.append((match[1], entry[1], line[entry.end() :]))
        if sorted((r[0], r[3], r[4].split("\n")[0]) for r in of_csv) != sorted(of_log):
            problems.append(f"{week}: stderr differs from csv ({len(of_log)} and {len(of_csv)} entries)")

        executions, others = collections.Counter(), collections.Counter()
        for row in rows:
            match = EXECUTION.match(row[13])
            if match:
                (others if AROUND.match(match[1]) else executions)[row[22] if row[22] else "[none]"] += 1
        counted = collections.Counter()
        for name, shape in SHAPES.items():
            counted[CLIENTS[shape.client].application] += calls[name][week]
        for application, number in sorted(counted.items()):
            if executions[application] != number:
                problems.append(
                    f"{week}: {application} sent {number} statements, the log has {executions[application]}"
                )
        print(
            f"{week}: {len(rows)} entries, {sum(counted.values())} statements of shapes, "
            f"{sum(others.values())} others, errors {sum(r[11] == 'ERROR' for r in rows)}",
            file=sys.stderr,
        )
    if problems:
        sys.exit("verify.py: " + "; ".join(problems))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Puts what the recording took aside, apart from the logs, into recorded/: calls, moments and CSV exports.

usage: gather.py TAKEN RECORDED

The exports' captured_at is moved as shift.py moves the logs. Checks the server's counts against the clients'.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import pathlib
import sys

from shift import Shift


def gz(path: pathlib.Path, data: bytes) -> None:
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, filename="", mode="wb", compresslevel=9, mtime=0) as out:
        out.write(data)


def main() -> None:
    taken, recorded = map(pathlib.Path, sys.argv[1:3])
    moments = [m for week in (1, 2) for m in json.loads((taken / f"week{week}-moments.json").read_text())]
    shift = Shift(moments)
    (recorded / "moments.json").write_text(json.dumps(
        [{"week": m["week"], "day": m["day"] + 1, "part": m["part"], "seconds": round(m["real_end"] - m["real_start"], 3),
          "stands_for": dt.datetime.fromtimestamp(m["stands_for"], dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
          "offset_seconds": shift.offset(m["real_start"])} for m in moments], indent=1) + "\n")
    weeks = [json.loads((taken / f"week{w}-calls.json").read_text()) for w in (1, 2)]
    (recorded / "calls.json").write_text(json.dumps(
        {name: {"week1": weeks[0][name], "week2": weeks[1][name]} for name in sorted(weeks[0])}, indent=1) + "\n")

    for path in sorted(taken.glob("*.csv")):
        if path.name in ("week1.csv", "week2.csv"):
            continue
        week = path.name.split("-")[0]
        name = path.stem.removeprefix(week + "-")
        kind = {"start": "statements-start", "end": "statements-end"}.get(name, name.replace("start-", "").replace("end-", "") + "-" + name.split("-")[0])
        text = path.read_text(encoding="utf-8")
        if kind.startswith("statements"):
            lines = list(csv.reader(text.splitlines(keepends=True)))
            for row in lines[1:]:
                at = dt.datetime.fromisoformat(row[0]).timestamp()
                row[0] = dt.datetime.fromtimestamp(shift.moment(at), dt.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f+00")
            import io
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerows(lines)
            text = buffer.getvalue()
        gz(recorded / week / f"{kind}.csv.gz", text.encode())


if __name__ == "__main__":
    main()

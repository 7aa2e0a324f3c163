#!/usr/bin/env python3
"""Puts aside what the recording took beside logs and snapshots: calls, moments and CSV exports.

usage: gather.py TAKEN OUT

Writes OUT/calls.json, OUT/moments.json and OUT/exports/*.csv.gz. The exports' captured_at is moved as shift.py moves the
logs.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import pathlib
import sys

from shift import Shift


def gz(path: pathlib.Path, data: bytes) -> None:
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, filename="", mode="wb", compresslevel=9, mtime=0) as out:
        out.write(data)


def main() -> None:
    taken, out = map(pathlib.Path, sys.argv[1:3])
    moments = [m for week in (1, 2) for m in json.loads((taken / f"week{week}-moments.json").read_text())]
    shift = Shift(moments)
    (out / "moments.json").write_text(
        json.dumps(
            [
                {
                    "week": m["week"],
                    "day": m["day"] + 1,
                    "part": m["part"],
                    "seconds": round(m["real_end"] - m["real_start"], 3),
                    "stands_for": dt.datetime.fromtimestamp(m["stands_for"], dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "offset_seconds": shift.offset(m["real_start"]),
                }
                for m in moments
            ],
            indent=1,
        )
        + "\n"
    )
    weeks = [json.loads((taken / f"week{w}-calls.json").read_text()) for w in (1, 2)]
    (out / "calls.json").write_text(
        json.dumps({name: {"week1": weeks[0][name], "week2": weeks[1][name]} for name in sorted(weeks[0])}, indent=1)
        + "\n"
    )

    (out / "exports").mkdir(exist_ok=True)
    for path in sorted(taken.glob("week?-*.csv")):
        text = path.read_text(encoding="utf-8")
        lines = list(csv.reader(io.StringIO(text, newline="")))
        if lines[0][0] == "captured_at":
            for row in lines[1:]:
                at = dt.datetime.fromisoformat(row[0])
                row[0] = str(at + dt.timedelta(seconds=shift.moment(at.timestamp()) - at.timestamp()))
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerows(lines)
            text = buffer.getvalue()
        gz(out / "exports" / f"{path.stem}.csv.gz", text.encode())


if __name__ == "__main__":
    main()

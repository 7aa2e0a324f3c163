#!/usr/bin/env python3
"""Moves a recorded log from the minutes of its recording to the two weeks that it stands for.

usage: shift.py MOMENTS... -- IN OUT   (repeatable pairs; the format follows from the name: .log, .csv, .json, .ndjson)

The recording ran in stretches (see drive.py). Every timestamp of a stretch, and of the pause after it, is moved by one
and the same offset: stands_for - real_start. So distances within a stretch, the order of all entries and the
milliseconds stay as they were recorded; only the pauses between stretches grow to hours. The same function moves the
timestamps of all three formats, so an entry is the same entry in each of them:
  stderr  the time at the start of each prefixed line
  csv     log_time, session_start_time and the epoch inside session_id
  json    timestamp, session_start and the epoch inside session_id
  ndjson  (a snapshot by pgassay capture) every timestamp of the server: when it was taken, counters reset, tables analyzed
Entries before the first stretch (warming up, counters reset) and after the last snapshot of a week (another log file)
are dropped. Durations and texts are never touched.
"""

from __future__ import annotations

import bisect
import csv
import datetime as dt
import gzip
import json
import re
import sys

UTC = dt.UTC


class Shift:
    """The piecewise offset from recorded to represented time, in whole seconds."""

    def __init__(self, moments: list[dict]):
        moments = sorted(moments, key=lambda m: m["real_start"])
        # The driver takes the time just before it starts the clients; a stretch owns the moment before, too.
        self.starts = [m["real_start"] - 0.05 for m in moments]
        self.offsets = [round(m["stands_for"] - m["real_start"]) for m in moments]
        # Between the end of a week and the beginning of the next the server changes its log files, one after the other.
        opened = [m["opened"] for m in moments if "opened" in m]
        self.closed = list(
            zip((m["closed"] for m in moments if "closed" in m), opened[1:] + [float("inf")], strict=True)
        )

    def offset(self, at: float) -> int | None:
        """The offset of a moment; None before the first stretch and while the log changes its file."""
        i = bisect.bisect_right(self.starts, at) - 1
        return None if i < 0 or any(a < at < b for a, b in self.closed) else self.offsets[i]

    def moment(self, at: float) -> float:
        """The represented time. Moments before the first stretch (the server's start) move with it."""
        return at + self.offsets[max(0, bisect.bisect_right(self.starts, at) - 1)]


def parse(text: str) -> float:
    """Seconds since 1970 of '2026-03-02 09:30:00.123 UTC' (with or without milliseconds)."""
    body = text.removesuffix(" UTC")
    form = "%Y-%m-%d %H:%M:%S.%f" if "." in body else "%Y-%m-%d %H:%M:%S"
    return dt.datetime.strptime(body, form).replace(tzinfo=UTC).timestamp()


def spell(at: float, milliseconds: bool) -> str:
    whole = dt.datetime.fromtimestamp(round(at, 3), UTC)
    base = whole.strftime("%Y-%m-%d %H:%M:%S")
    return base + (f".{round(whole.microsecond / 1000):03d}" if milliseconds else "") + " UTC"


class Session:
    """session_start and the hexadecimal epoch in session_id are the same instant and stay so."""

    def __init__(self, shift: Shift):
        self.shift = shift

    def start(self, text: str) -> str:
        return spell(self.shift.moment(parse(text)), "." in text)

    def identifier(self, text: str) -> str:
        epoch, pid = text.split(".")
        return f"{round(self.shift.moment(int(epoch, 16))):x}.{pid}"


PREFIXED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC) \[")


def shift_stderr(lines, write, shift: Shift) -> None:
    keep = False
    for line in lines:
        match = PREFIXED.match(line)
        if match:
            at = parse(match[1])
            keep = shift.offset(at) is not None
            line = spell(shift.moment(at), True) + line[match.end(1) :]
        if keep:
            write(line)


def shift_csv(lines, write, shift: Shift) -> None:
    session = Session(shift)
    for row in csv.reader(lines):
        at = parse(row[0])
        if shift.offset(at) is None:
            continue
        row[0] = spell(shift.moment(at), True)
        row[5] = session.identifier(row[5])
        row[8] = session.start(row[8])
        write(",".join(map(quoted, range(len(row)), row)) + "\n")


# The columns that PostgreSQL writes without quotes: times, numbers, session id and transaction ids.
BARE = {0, 3, 5, 6, 8, 9, 10, 11, 12, 17, 20, 24, 25}


def quoted(column: int, value: str) -> str:
    return value if value == "" or column in BARE else '"' + value.replace('"', '""') + '"'


TIMESTAMP = re.compile(r'^\{"timestamp":"([^"]+)"')
SESSION_ID = re.compile(r'"session_id":"([0-9a-f]+\.[0-9a-f]+)"')
SESSION_START = re.compile(r'"session_start":"([^"]+)"')


def shift_json(lines, write, shift: Shift) -> None:
    session = Session(shift)
    for line in lines:
        json.loads(line)  # a line that is no JSON must stop the recording
        at = parse(TIMESTAMP.match(line)[1])
        if shift.offset(at) is None:
            continue
        # The three keys come before any text, so the first match is the key and not a part of a statement.
        line = TIMESTAMP.sub(lambda m: f'{{"timestamp":"{spell(shift.moment(at), True)}"', line, count=1)
        line = SESSION_ID.sub(lambda m: f'"session_id":"{session.identifier(m[1])}"', line, count=1)
        line = SESSION_START.sub(lambda m: f'"session_start":"{session.start(m[1])}"', line, count=1)
        write(line)


# As row_to_json writes a timestamp with time zone. Values inside statistics are text of another form, with a blank.
INSTANT = re.compile(r'"([a-z_]+)":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00)"')


def shift_snapshot(lines, write, shift: Shift) -> None:
    def moved(match: re.Match) -> str:
        at = dt.datetime.fromisoformat(match[2])
        return (
            f'"{match[1]}":"{(at + dt.timedelta(seconds=shift.moment(at.timestamp()) - at.timestamp())).isoformat()}"'
        )

    for line in lines:
        json.loads(line)
        write(INSTANT.sub(moved, line))


def main() -> None:
    split = sys.argv.index("--")
    moments = []
    for path in sys.argv[1:split]:
        with open(path, encoding="utf-8") as file:
            moments += json.load(file)
    shift, files = Shift(moments), sys.argv[split + 1 :]
    for source, target in zip(files[::2], files[1::2]):
        convert = {"log": shift_stderr, "csv": shift_csv, "json": shift_json, "ndjson": shift_snapshot}[
            source.rsplit(".", 1)[1]
        ]
        # mtime 0: the same log gives the same bytes.
        with (
            open(source, encoding="utf-8", newline="") as lines,
            open(target, "wb") as raw,
            gzip.GzipFile(fileobj=raw, filename="", mode="wb", compresslevel=9, mtime=0) as out,
        ):
            convert(lines, lambda text, out=out: out.write(text.encode()), shift)


if __name__ == "__main__":
    main()

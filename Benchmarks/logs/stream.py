#!/usr/bin/env python3
"""Writes a log to standard output again and again, each time as if it had been written on later days.

    Benchmarks/logs/stream.py FILE MEGABYTES

Dates move forward by as many days as the log touches, and session ids and process ids become others, so that every
entry is new to the reader. Nothing else changes; the stream ends with a whole entry of the log.
"""
import datetime
import os
import re
import sys

BLOCK = 1 << 20


def main():
    path, wanted = sys.argv[1], int(sys.argv[2]) * 1_000_000
    kind = os.path.splitext(path)[1]
    with open(path, "rb") as file:
        first = re.search(rb"\d{4}-\d\d-\d\d", file.read(BLOCK)).group()
        file.seek(-BLOCK, os.SEEK_END)
        last = re.findall(rb"(?:^|\n)(?:\{\"timestamp\":\")?(\d{4}-\d\d-\d\d) ", file.read())[-1]
    start, end = (datetime.date.fromisoformat(d.decode()) for d in (first, last))
    days = (end - start).days + 1
    dates = [start + datetime.timedelta(days=i) for i in range(days)]
    # csvlog and jsonlog name a session by its start and process, both hexadecimal.
    session = re.compile({".csv": rb"(?<=,)([0-9a-f]{8})(?=\.[0-9a-f]+,\d+,)",
                          ".json": rb'(?<="session_id":")([0-9a-f]{8})(?=\.)'}.get(kind, rb"$^"))
    written, turn = 0, 0
    while written < wanted:
        shift = datetime.timedelta(days=days * turn)
        seconds = int(shift.total_seconds())
        rest = b""
        with open(path, "rb") as file:
            while block := file.read(BLOCK):
                whole, newline, behind = (rest + block).rpartition(b"\n")
                rest = behind
                if turn:
                    for date in reversed(dates):
                        whole = whole.replace(str(date).encode(), str(date + shift).encode())
                    whole = session.sub(lambda m: b"%08x" % (int(m.group(1), 16) + seconds), whole)
                sys.stdout.buffer.write(whole + newline)
                written += len(whole) + 1
        turn += 1


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit("the reader went away")

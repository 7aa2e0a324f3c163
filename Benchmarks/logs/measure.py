#!/usr/bin/env python3
"""Measures whole ingests of the log corpus, from file to committed history, beside Debian's pgbadger.

    Benchmarks/logs/measure.py [--pgassay .build/release/pgassay] [--runs 5] [--sample 30] [--whole] [--stream 3000]

Makes the corpus first where it is missing (corpus.py: three formats of the same entries, 300 MB or more each, from a
real server). Then, for each format:

1. `pgassay ingest` of the whole file into a new history, --runs times: CPU seconds (user + system), peak resident
   memory, wall time against CPU time, CPU seconds of each thread, size of the history;
2. pgbadger 12 on the first --sample MB of the file (its time grows in proportion to the input; --whole: on the whole
   file), in turn with pgassay on the same piece;
3. --stream MB through a pipe (stream.py: the corpus again and again, each time on later days and in other sessions,
   so that every entry is new): peak memory.

Prints megabytes (10^6 bytes) of log for each CPU second, medians of the runs, and their ratios. Figures of other runs
on other machines cannot be compared; the ratios can. Exits with 1 where a bar is missed. Wall time is judged only when
the machine was idle (load below 0.5 before) or with --urgent, which runs the ingests at real-time priority (as root) so
that what else runs has to wait; it is shown in any case.
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
import threading
import time

import corpus

HERE = os.path.dirname(os.path.abspath(__file__))
FORMATS = {"stderr": "postgresql.log", "csv": "postgresql.csv", "jsonlog": "postgresql.json"}
# Megabytes for each CPU second as a multiple of pgbadger's.
BARS = {"stderr": 100, "csv": 100, "jsonlog": 75}
MEMORY_BAR, HISTORY_BAR, WALL_BAR = 100e6, 40e6, 0.6
TICKS = os.sysconf("SC_CLK_TCK")


class Threads(threading.Thread):
    """Looks at a process' threads now and then: the CPU seconds that each had used when it was seen last."""

    def __init__(self, pid, urgent):
        super().__init__(daemon=True)
        self.pid, self.urgent, self.seconds, self.over = pid, urgent, {}, threading.Event()

    def run(self):
        if self.urgent:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
        while not self.over.wait(0.01):
            try:
                for thread in os.listdir(f"/proc/{self.pid}/task"):
                    with open(f"/proc/{self.pid}/task/{thread}/stat", encoding="utf-8") as file:
                        fields = file.read().rsplit(")", 1)[1].split()
                    self.seconds[thread] = (int(fields[11]) + int(fields[12])) / TICKS
            except OSError:
                pass


def hurry():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))


def run(command, stdin=None, urgent=False, **options):
    """CPU seconds, wall seconds, peak resident bytes, CPU seconds of each thread, and standard output of a command."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdin=stdin, stdout=output, stderr=errors, preexec_fn=hurry if urgent else None, **options)
        threads = Threads(process.pid, urgent)
        threads.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        threads.over.set()
        threads.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        text = output.read().decode()
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)} failed with exit code {process.returncode}:\n{errors.read().decode()[-2000:]}")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "memory": usage.ru_maxrss * 1024,
            "threads": sorted((s for s in threads.seconds.values() if s >= 0.02), reverse=True), "output": text}


def ingest(options, path, scratch, stdin=None, urgent=False):
    """One whole ingest into a new history."""
    history = os.path.join(scratch, "history.sqlite")
    done = run([options.pgassay, "ingest", "--history", history, "--format", "json", path], stdin=stdin,
               urgent=urgent)
    done["history"] = sum(os.path.getsize(os.path.join(scratch, f)) for f in os.listdir(scratch) if f.startswith("history"))
    for file in [f for f in os.listdir(scratch) if f.startswith("history")]:
        os.remove(os.path.join(scratch, file))
    done["report"] = json.loads(done["output"])["sources"][0]
    return done


def pgbadger(path, kind, scratch):
    prefix = ["-p", corpus.PREFIX] if kind == "stderr" else []
    # In a directory of its own, as it keeps one pid file for all.
    return run(["pgbadger", "-q", "-f", kind, *prefix, "--pid-dir", scratch, "-o", os.path.join(scratch, "out.html"), path],
               stdin=subprocess.DEVNULL, cwd=scratch)


def cut(path, size, kind, scratch):
    """The first `size` bytes of a log, up to the end of an entry."""
    with open(path, "rb") as file:
        data = file.read(size)
    begins = {"csv": rb"\n(?=\d{4}-\d\d-\d\d [0-9:.]+ UTC,)", "stderr": rb"\n(?=\d{4}-\d\d-\d\d [0-9:.]+ UTC \[)",
              "jsonlog": rb'\n(?=\{"timestamp)'}[kind]
    # The last 200 kB hold an entry's beginning.
    tail = max(0, len(data) - 200_000)
    *_, last = re.finditer(begins, data[tail:])
    piece = os.path.join(scratch, "piece" + os.path.splitext(path)[1])
    with open(piece, "wb") as file:
        file.write(data[:tail + last.end()])
    return piece


def median(runs, field):
    return statistics.median(r[field] for r in runs)


def rate(size, runs):
    return size / 1e6 / median(runs, "cpu")


def load():
    return os.getloadavg()[0]


def verdict(holds):
    return "met" if holds else "MISSED"


def measure(kind, name, options, scratch, described):
    """All figures of one format. Returns whether its bars are met."""
    path = os.path.join(options.directory, name)
    size = os.path.getsize(path)
    before = load()
    runs = [ingest(options, path, scratch, urgent=options.urgent) for _ in range(options.runs)]
    report = runs[0]["report"]
    if report["entries"] != described["entries"] or report["skipped"]:
        sys.exit(f"{path}: {report['entries']} entries of {described['entries']} were read; skipped: {report['skipped']}")
    piece = path if options.whole else cut(path, options.sample * 1_000_000, kind, scratch)
    small = os.path.getsize(piece)
    ours, theirs = [], []
    for _ in range(1 if options.whole else 3):
        ours.append(ingest(options, piece, scratch))
        theirs.append(pgbadger(piece, kind, scratch))
    if piece != path:
        os.remove(piece)

    pace, badger = rate(size, runs), rate(small, theirs)
    ratio, share = pace / badger, median(runs, "wall") / median(runs, "cpu")
    cpus = sorted(r["cpu"] for r in runs)
    quiet = options.urgent or before < 0.5
    memory, history = max(r["memory"] for r in runs), max(r["history"] for r in runs)
    best = min(runs, key=lambda r: r["wall"])
    print(f"\n{kind}: {size / 1e6:.0f} MB, {report['entries']:,} entries, {report['executions']:,} executions "
          f"(pg_stat_statements: {described['calls']:,} and {described['uncounted']:,} that it does not count), "
          f"load average before {before:.1f}")
    print(f"  pgassay, whole file      {pace:8.1f} MB per CPU second   "
          f"(median {median(runs, 'cpu'):.2f} CPU s of {len(runs)} runs, {cpus[0]:.2f} … {cpus[-1]:.2f})")
    print(f"  pgassay, first {small / 1e6:4.0f} MB   {rate(small, ours):8.1f} MB per CPU second")
    print(f"  pgbadger, same {small / 1e6:4.0f} MB   {badger:8.2f} MB per CPU second   "
          f"(median {median(theirs, 'cpu'):.1f} CPU s of {len(theirs)} runs, peak memory {max(r['memory'] for r in theirs) / 1e6:.0f} MB)")
    print(f"  ratio                    {ratio:8.0f} ×   at least {BARS[kind]} wanted: {verdict(ratio >= BARS[kind])}")
    print(f"  peak memory              {memory / 1e6:8.1f} MB  at most {MEMORY_BAR / 1e6:.0f} wanted: {verdict(memory <= MEMORY_BAR)}")
    print(f"  history                  {history / 1e6:8.1f} MB  at most {HISTORY_BAR / 1e6:.0f} wanted: {verdict(history <= HISTORY_BAR)}")
    print(f"  wall / CPU               {share:8.2f}     at most {WALL_BAR} wanted on an idle machine: "
          + (verdict(share <= WALL_BAR) if quiet else f"not judged, as others were working; the best run had {best['wall'] / best['cpu']:.2f}"))
    print("  CPU s by thread (best run): " + ", ".join(f"{s:.2f}" for s in best["threads"]), flush=True)
    return ratio >= BARS[kind] and memory <= MEMORY_BAR and history <= HISTORY_BAR and (share <= WALL_BAR or not quiet)


def stream(kind, name, options, scratch):
    """--stream MB of new entries through a pipe. Returns whether memory stays below its bar."""
    feeder = subprocess.Popen(
        [sys.executable, os.path.join(HERE, "stream.py"), os.path.join(options.directory, name), str(options.stream)],
        stdout=subprocess.PIPE)
    done = ingest(options, "-", scratch, stdin=feeder.stdout)
    feeder.stdout.close()
    if feeder.wait() != 0:
        sys.exit("stream.py failed")
    report = done["report"]
    size = report["content_bytes"]
    print(f"  {kind:8} {size / 1e6:6.0f} MB, {report['entries']:,} entries, {sum(report['skipped'].values())} skipped: "
          f"{size / 1e6 / done['cpu']:.0f} MB per CPU second, history {done['history'] / 1e6:.0f} MB, peak memory "
          f"{done['memory'] / 1e6:.1f} MB, at most {MEMORY_BAR / 1e6:.0f} wanted: {verdict(done['memory'] <= MEMORY_BAR)}",
          flush=True)
    return done["memory"] <= MEMORY_BAR


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pgassay", default=os.path.join(HERE, "..", "..", ".build", "release", "pgassay"))
    arguments.add_argument("--directory", default=corpus.DIRECTORY, help="of the corpus")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--sample", type=int, default=30, help="MB that pgbadger reads")
    arguments.add_argument("--whole", action="store_true", help="pgbadger reads the whole files, once")
    arguments.add_argument("--stream", type=int, default=3000, help="MB through a pipe; 0 leaves it out")
    arguments.add_argument("--urgent", action="store_true", help="real-time priority for pgassay's runs (as root)")
    arguments.add_argument("--formats", default="stderr,csv,jsonlog")
    options = arguments.parse_args()
    options.pgassay = os.path.abspath(options.pgassay)
    if not shutil.which("pgbadger"):
        sys.exit("pgbadger is missing: install Debian's package pgbadger (and libtext-csv-xs-perl, libjson-xs-perl)")
    described = corpus.ensure(options.directory)
    kinds = options.formats.split(",")
    scratch = tempfile.mkdtemp(prefix="pgassay-bench-logs-", dir="/var/tmp")
    try:
        # The files are in the page cache from here on.
        for kind in kinds:
            with open(os.path.join(options.directory, FORMATS[kind]), "rb") as file:
                while file.read(1 << 20):
                    pass
        met = [measure(kind, FORMATS[kind], options, scratch, described) for kind in kinds]
        if options.stream:
            print(f"\nthrough a pipe, {options.stream} MB of new entries:")
            met += [stream(kind, FORMATS[kind], options, scratch) for kind in kinds]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env bash
# The main job from end to end on the recorded shop: demo.sh PGASSAY WORKDIR. Needs no server of yours.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pgassay=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
history=$work/history.sqlite
rm -f "$history" "$history-wal" "$history-shm"

step() {
  printf '\n$ pgassay'
  printf ' %q' "$@"
  printf '\n'
  "$pgassay" "$@"
}

step ingest --history "$history" "$here/shop/recorded"
printf '\n# The same again changes nothing:'
step ingest --history "$history" "$here/shop/recorded"
step top --history "$history" --limit 12
step advise --history "$history"
step report --history "$history" --output "$work/report.html"
step report --history "$history" --format markdown --output "$work/report.md"
printf '\nThe report: %s\n' "$work/report.html"

#!/usr/bin/env bash
# Tests/fuzz.sh SECONDS [TARGET…]: fuzzes parsers (Tests/FuzzTargets) with libFuzzer, SECONDS each, all by default.
#
# What libFuzzer learns stays in .build-fuzz/corpus; an input that crashes or hangs a parser is copied to
# Tests/FuzzTests/Corpus/TARGET, from where `make test` replays it, and makes this script fail.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
export PGASSAY_FUZZ=1 SWIFT_BACKTRACE=enable=no
swift build --sanitize=fuzzer --scratch-path .build-fuzz --product FuzzDriver
[ $# -gt 0 ] || set -- $(cd Tests/FuzzTests/Corpus && ls)
failed=()
for target in "$@"; do
  known=Tests/FuzzTests/Corpus/$target
  learnt=.build-fuzz/corpus/$target
  found=.build-fuzz/found/$target
  mkdir -p "$known" "$learnt" "$found"
  echo "== $target, $seconds s"
  # 20 s for one input is a hang; the parsers' own memory is bounded, so two gigabytes are a fault too.
  if ! PGASSAY_FUZZ_TARGET=$target .build-fuzz/debug/FuzzDriver -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=2048 -max_len=16384 -verbosity=1 -print_final_stats=1 -reload=0 -artifact_prefix="$found/" \
    "$learnt" "$known" >"$found/log" 2>&1; then
    failed+=("$target")
    tail -n 30 "$found/log"
    for input in "$found"/crash-* "$found"/timeout-* "$found"/oom-*; do
      if [ -e "$input" ]; then
        mv "$input" "$known/"
        echo "kept as $known/$(basename "$input")"
      fi
    done
  fi
  grep -E "stat::number_of_executed_units|stat::peak_rss_mb|DONE|ERROR" "$found/log" | tail -n 4 || true
done
[ ${#failed[@]} -eq 0 ] || { echo "found something in: ${failed[*]}" >&2; exit 1; }

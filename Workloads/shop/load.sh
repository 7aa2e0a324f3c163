#!/usr/bin/env bash
# Loads the shop database into an own, private server: the same rows, indexes and statistics as when it was recorded,
# without traffic. For benchmarks that build advised indexes for real, and for record.sh.
#
#   Workloads/shop/load.sh DIR [--scale 1] [--week 2] [--stop]
#
# DIR must not exist yet; everything is kept in it (data/, run/, log/) and it can be deleted when the server is stopped.
#   --scale S   share of the rows (1 = the recorded size, nearly 5 million rows; 0.05 for a quick try)
#   --week N    1: as in week one; 2 (default): after the deployment between the weeks, which is the recorded catalog
#   --stop      stop the server after loading
# Prints on standard output the variables to reach the server: PGHOST, PGPORT, PGUSER, PGDATABASE, SHOP_DATA.
# Stop it with:  Workloads/shop/load.sh DIR --shutdown
# Start a loaded one again with:  Workloads/shop/load.sh DIR --start
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { sed -n '2,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
dir='' scale=1 week=2 stop=no action=load
while [ $# -gt 0 ]; do
  case $1 in
    --scale) scale=${2:?--scale needs a number} && shift ;;
    --week) week=${2:?--week needs 1 or 2} && shift ;;
    --stop) stop=yes ;;
    --shutdown) action=shutdown ;;
    --start) action=start ;;
    -h | --help) usage && exit 0 ;;
    -*) fail "unknown option $1 (see --help)" ;;
    *) [ -z "$dir" ] || fail "one directory only, got $dir and $1"; dir=$1 ;;
  esac
  shift
done
[ -n "$dir" ] || { usage >&2; exit 2; }
case $week in 1 | 2) ;; *) fail "--week must be 1 or 2, not $week" ;; esac
[[ $scale =~ ^[0-9]*\.?[0-9]+$ ]] || fail "--scale must be a number, not $scale"
dir=$(realpath -m "$dir")

report() {
  printf 'PGHOST=%s\nPGPORT=%s\nPGUSER=%s\nPGDATABASE=%s\nSHOP_DATA=%s\n' "$PGHOST" "$PGPORT" "$PGUSER" "$PGDATABASE" "$dir/data"
}

case $action in
  shutdown)
    [ -d "$dir/data" ] || fail "no cluster in $dir"
    server_stop "$dir"
    ;;
  start)
    [ -f "$dir/loaded" ] || fail "no loaded shop in $dir"
    server_start "$dir"
    report
    ;;
  load)
    # A load that fails or is interrupted leaves neither a server nor a directory.
    made=no
    trap '[ "$made" = no ] || { server_stop "$dir" immediate; rm -rf "$dir"; }' EXIT
    trap 'exit 130' INT TERM
    [ ! -e "$dir" ] || fail "$dir exists already"
    made=yes
    server_init "$dir"
    server_start "$dir"
    load_shop
    [ "$week" = 1 ] || sql_file deploy.sql
    echo "scale=$scale week=$week" >"$dir/loaded"
    made=no
    say "loaded: $(sql -At -c "SELECT pg_size_pretty(pg_database_size('shop'))")"
    if [ "$stop" = yes ]; then server_stop "$dir"; else report; fi
    ;;
esac

#!/usr/bin/env bash
# Records the shop workload again: starts a private PostgreSQL 15, loads the shop, lets its applications work for two
# "weeks", and writes logs, snapshots, truths and true times. About 15 minutes on two cores.
#
#   Workloads/shop/record.sh [--scale 1] [--share 1] [--stretch 7] [--out DIR] [--work DIR] [--keep] [--no-measure]
#
#   --scale S     share of the rows, --share S of the requests, --stretch S seconds per stretch: smaller for a quick try
#   --out DIR     where to write (default: this directory, that is recorded/, truths.json, true_times.json, workload.json)
#   --work DIR    where server and virtual environment live (default: a new directory under /var/tmp)
#   --keep        leave the work directory and its server's data (stopped) for a look afterwards
#   --no-measure  record only; leave truths.json, true_times.json and workload.json alone
# Environment: PGASSAY, the pgassay program that takes the snapshots (none: only CSV exports are written);
# SHOP_PG_BIN, the PostgreSQL 15 programs; SHOP_VENV, a ready virtual environment with traffic/requirements.txt.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scale=1 share=1 stretch=7 out=$here work='' keep=no measure=yes
while [ $# -gt 0 ]; do
  case $1 in
    --scale) scale=${2:?--scale needs a number} && shift ;;
    --share) share=${2:?--share needs a number} && shift ;;
    --stretch) stretch=${2:?--stretch needs seconds} && shift ;;
    --out) out=${2:?--out needs a directory} && shift ;;
    --work) work=${2:?--work needs a directory} && shift ;;
    --keep) keep=yes ;;
    --no-measure) measure=no ;;
    -h | --help) sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
    *) fail "unknown argument $1 (see --help)" ;;
  esac
  shift
done
work=${work:-$(mktemp -u /var/tmp/pgassay-shop-XXXXXX)}
if [ -n "${PGASSAY:-}" ]; then
  PGASSAY=$(realpath "$PGASSAY")
  [ -x "$PGASSAY" ] || fail "PGASSAY=$PGASSAY is no program"
fi
[ ! -e "$work" ] || fail "$work exists already; the work directory is made here and removed at the end"
mkdir -p "$work" "$out/recorded"
work=$(realpath "$work") out=$(realpath "$out")
chmod 711 "$work"
cluster=$work/cluster taken=$work/taken
mkdir "$taken"

finish() {
  status=$?
  trap - EXIT
  server_stop "$cluster"
  [ "$keep" = yes ] || rm -rf "$work"
  exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

venv=${SHOP_VENV:-$work/venv}
if [ ! -x "$venv/bin/python" ]; then
  say "virtual environment"
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/traffic/requirements.txt"
fi
export PYTHONDONTWRITEBYTECODE=1 SHOP_PG_BIN=$bin

server_init "$cluster"
[ -z "$missing" ] || fail "a recording needs $missing; set SHOP_PG_BIN to a server that has it"
server_start "$cluster"
load_shop
server_stop "$cluster"

cat >>"$cluster/data/postgresql.conf" <<'CONF'
# Recording
logging_collector = on
log_destination = 'stderr,csvlog,jsonlog'
log_filename = 'before.log'
log_rotation_age = 0
log_rotation_size = 0
log_line_prefix = '%m [%p] %q%u@%d/%a '
log_min_duration_statement = 0
log_lock_waits = on
log_temp_files = 0
log_autovacuum_min_duration = 0
log_checkpoints = on
log_connections = on
log_disconnections = on
CONF
printf "log_directory = '%s'\n" "$cluster/log" >>"$cluster/data/postgresql.conf"
server_start "$cluster"

# The log continues in another file: week1.log, week1.csv, week1.json.
log_into() {
  sql -c "ALTER SYSTEM SET log_filename = '$1.log'"
  sql -o /dev/null -c "SELECT pg_reload_conf()"
  sleep 1
}

# One snapshot, which leaves no trace in log and counters: everything at the end of a week, otherwise without planner
# statistics. At both ends of a week pg_stat_statements also as psql exports it.
cat >"$work/snapshot" <<SNAPSHOT
#!/usr/bin/env bash
set -euo pipefail
export PGOPTIONS='-c log_min_duration_statement=-1 -c log_disconnections=off -c pg_stat_statements.track=none'
export_csv() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 -c "\\\\copy (\$2) TO '$taken/\$1.csv' CSV HEADER"; }
statistics=--no-statistics
case \$1 in
  *-day7) statistics= ;;
esac
case \$1 in
  *-day0 | *-day7)
    export_csv "\$1-statements" "SELECT now() AS captured_at, r.rolname, d.datname, s.* FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid JOIN pg_database d ON d.oid = s.dbid ORDER BY s.userid, s.dbid, s.queryid, s.toplevel"
    export_csv "\$1-indexes" "SELECT schemaname, relname, indexrelname, idx_scan, idx_tup_read, idx_tup_fetch FROM pg_stat_user_indexes ORDER BY 1, 2, 3"
    export_csv "\$1-tables" "SELECT schemaname, relname, seq_scan, idx_scan, n_tup_ins, n_tup_upd, n_tup_hot_upd, n_tup_del, n_live_tup, n_dead_tup, n_mod_since_analyze FROM pg_stat_user_tables ORDER BY 1, 2"
    ;;
esac
if [ -n "${PGASSAY:-}" ]; then
  # shellcheck disable=SC2086 # an empty option is none
  "${PGASSAY:-}" capture \$statistics --output "$taken/\$1.ndjson"
fi
SNAPSHOT
chmod +x "$work/snapshot"
export SHOP_SNAPSHOT=$work/snapshot

say "warming up"
sql -o /dev/null -c "SELECT count(*) FROM (SELECT pg_stat_reset_single_table_counters(indexrelid) FROM pg_index WHERE indrelid >= 16384) s"
for table in order_items orders payments customers products jobs tickets reviews shipments audit_log stock_movements page_views; do
  sql -o /dev/null -c "SELECT max(ctid) FROM $table"
done
sql -o /dev/null -c "SELECT pg_stat_statements_reset()"

for week in 1 2; do
  log_into "week$week"
  opened=$(date +%s.%N)
  if [ "$week" = 2 ]; then
    say "deployment"
    PGAPPNAME=deploy PGUSER=shop_owner sql -f "$here/sql/deploy.sql"
  fi
  say "week $week"
  "$SHOP_SNAPSHOT" "week$week-day0"
  "$venv/bin/python" "$here/traffic/drive.py" "$week" "$taken" --share "$share" --stretch "$stretch" --opened "$opened"
done
log_into after

say "moving the timestamps"
# What an earlier recording left would look like a part of this one.
rm -f "$out"/recorded/week?/postgresql.* "$out"/recorded/week?/snapshot-* "$out"/exports/week?-*
pairs=()
for week in 1 2; do
  mkdir -p "$out/recorded/week$week"
  for format in log csv json; do
    cp "$cluster/log/week$week.$format" "$taken/" 2>/dev/null || fail "the server wrote no week$week.$format"
    pairs+=("$taken/week$week.$format" "$out/recorded/week$week/postgresql.$format.gz")
  done
  for snapshot in "$taken/week$week"-day?.ndjson; do
    [ ! -e "$snapshot" ] || pairs+=("$snapshot" "$out/recorded/week$week/snapshot-${snapshot##*-}.gz")
  done
done
"$venv/bin/python" "$here/traffic/shift.py" "$taken"/week{1,2}-moments.json -- "${pairs[@]}"
"$venv/bin/python" "$here/traffic/gather.py" "$taken" "$out"
"$venv/bin/python" "$here/traffic/verify.py" "$out"

if [ "$measure" = yes ]; then
  say "measuring"
  # Settings of the recording would only slow the measurement down.
  printf "log_min_duration_statement = -1\nlog_connections = off\nlog_disconnections = off\n" >>"$cluster/data/postgresql.conf"
  sql -o /dev/null -c "SELECT pg_reload_conf()"
  "$venv/bin/python" "$here/traffic/measure.py" "$taken" "$out"
fi
say "done: $(du -sh "$out/recorded" | cut -f1) in $out/recorded"

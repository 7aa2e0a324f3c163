# shellcheck shell=bash
# Shared by load.sh and record.sh: a private PostgreSQL server that nobody else can reach and that does not stay behind.
# Sourced, not run. Sets: here, bin, server_user, missing (modules that the server does not have). Functions: say, fail, as_server, server_init, server_start, server_stop,
# sql_file, sql, load_shop.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${SHOP_PG_BIN:-/usr/lib/postgresql/15/bin}
port=${SHOP_PORT:-54329} # names the socket file only: nothing listens on TCP

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 2
}

[ -x "$bin/initdb" ] || fail "no PostgreSQL server in $bin (install postgresql-15, or set SHOP_PG_BIN)"

# PostgreSQL refuses to run as root; root lends the server to an unprivileged user.
if [ "$(id -u)" = 0 ]; then
  if id -u postgres >/dev/null 2>&1; then server_user=postgres; else server_user=nobody; fi
else
  server_user=$(id -un)
fi

as_server() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && setpriv --reuid "$server_user" --regid "$(id -g "$server_user")" --clear-groups env HOME=/ LC_ALL=C.UTF-8 "$@")
  else
    (cd / && env LC_ALL=C.UTF-8 "$@")
  fi
}

# server_init DIR: an empty cluster in DIR/data, sockets in DIR/run, logs in DIR/log. DIR must not exist.
server_init() {
  [ ! -e "$1" ] || fail "$1 exists already"
  mkdir -p "$1"
  chmod 700 "$1"
  mkdir "$1/run" "$1/log"
  [ "$(id -u)" != 0 ] || chown -R "$server_user" "$1"
  as_server "$bin/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null ||
    fail "initdb failed in $1 (the user $server_user must be able to reach that directory; /var/tmp will do)"
  # Debian's servers have both; those of PyPI may not, and planning needs neither.
  local module modules=''
  missing=''
  for module in pg_stat_statements auto_explain; do
    if as_server "$bin/postgres" --single -D "$1/data" -c "shared_preload_libraries=$module" postgres </dev/null >/dev/null 2>&1
    then modules=${modules:+$modules,}$module
    else missing=${missing:+$missing, }$module
    fi
  done
  [ -z "$missing" ] || say "the server in $bin has no $missing: statements are not counted or explained"
  cat >>"$1/data/postgresql.conf" <<CONF
listen_addresses = ''
port = $port
unix_socket_permissions = 0700
shared_preload_libraries = '$modules'
compute_query_id = on
pg_stat_statements.max = 5000
timezone = 'UTC'
log_timezone = 'UTC'
# A small shop server with an SSD. Durability is off because the cluster is thrown away.
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 1GB
effective_cache_size = 3GB
work_mem = 4MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
max_parallel_workers_per_gather = 0
max_wal_size = 4GB
checkpoint_timeout = 1min
track_io_timing = on
# deadlock_timeout is also when log_lock_waits speaks.
deadlock_timeout = 200ms
autovacuum_naptime = 15s
CONF
  as_server mkdir -p "$1/run"
}

# server_start DIR: starts the cluster in DIR and waits for it.
server_start() {
  PGHOST=$(cd "$1/run" && pwd)
  export PGHOST PGPORT=$port PGUSER=postgres PGDATABASE=shop
  as_server "$bin/pg_ctl" -D "$1/data" -l "$1/log/start.out" -w -t 120 -o "-k $PGHOST" start >/dev/null ||
    { tail -5 "$1/log/start.out" >&2; fail "the server in $1 does not start"; }
}

# server_stop DIR: stops the cluster if it runs; never fails.
server_stop() {
  if [ -f "$1/data/postmaster.pid" ]; then
    as_server "$bin/pg_ctl" -D "$1/data" -m "${2:-fast}" -w -t 60 stop >/dev/null 2>&1 || true
  fi
}

sql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
sql_file() {
  local file=$1
  shift
  sql -o /dev/null -v scale="$scale" "$@" -f "$here/sql/$file" || fail "$file failed"
}

# load_shop: the shop as it is when week one begins, in the running server. Needs: scale.
load_shop() {
  sql -d postgres -c 'CREATE DATABASE shop'
  say "schema"
  sql_file roles.sql
  sql_file schema.sql
  say "rows (scale $scale)"
  sql_file data.sql
  say "indexes"
  sql_file indexes.sql
  say "statistics"
  sql_file settle.sql
}

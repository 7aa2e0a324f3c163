#!/usr/bin/env bash
# Loads the databases of the benchmarks of index sizes and of the twin's fidelity into a private server: the shop, TPC-H
# (data of tpchgen-cli, from PyPI), one made-up table with columns of every type, and a database that nothing was tuned on.
#
#   Benchmarks/databases/load.sh DIR [--shop 0.3] [--tpch 0.2] [--rows 200000]
#
# DIR must not exist yet; a value of 0 leaves a database out. SHOP_PG_BIN names other server programs than Debian's 15.
# Prints the connection string of the server. Stop it with Workloads/shop/load.sh DIR --shutdown, then delete DIR.
set -euo pipefail
own=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shop_directory=$(cd "$own/../../Workloads/shop" && pwd)
dir='' shop=0.3 tpch=0.2 rows=200000
while [ $# -gt 0 ]; do
  case $1 in
    --shop) shop=${2:?} && shift ;;
    --tpch) tpch=${2:?} && shift ;;
    --rows) rows=${2:?} && shift ;;
    -*) echo "load.sh: unknown option $1" >&2; exit 2 ;;
    *) dir=$1 ;;
  esac
  shift
done
[ -n "$dir" ] || { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
dir=$(realpath -m "$dir")
[ ! -e "$dir" ] || { echo "load.sh: $dir exists already" >&2; exit 2; }
# A load that fails or is interrupted leaves neither a server nor a directory.
loaded=no
trap '[ "$loaded" = yes ] || { "$shop_directory/load.sh" "$dir" --shutdown >/dev/null 2>&1; rm -rf "$dir"; }' EXIT
trap 'exit 130' INT TERM

if [ "$shop" != 0 ]; then
  variables=$("$shop_directory/load.sh" "$dir" --scale "$shop")
else
  # shellcheck source=../../Workloads/shop/lib.sh
  . "$shop_directory/lib.sh" # sets a `here` of its own
  server_init "$dir"
  server_start "$dir"
  variables="PGHOST=$PGHOST PGPORT=$PGPORT PGUSER=$PGUSER"
fi
for variable in $variables; do export "${variable?}"; done
sql() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

if [ "$tpch" != 0 ]; then
  generator=${TPCHGEN:-$(command -v tpchgen-cli || true)}
  if [ -z "$generator" ]; then
    python3 -m venv "$dir/venv" && "$dir/venv/bin/pip" install --quiet tpchgen-cli
    generator=$dir/venv/bin/tpchgen-cli
  fi
  "$generator" tbl --scale-factor "$tpch" --output-dir "$dir/tpch" >&2
  sql -d postgres -c 'CREATE DATABASE tpch'
  sql -d tpch -f "$own/tpch/schema.sql"
  for table in nation region supplier part partsupp customer orders lineitem; do
    # A line ends with a separator that COPY would take for one column more.
    sed 's/|$//' "$dir/tpch/$table.tbl" | sql -d tpch -c "COPY $table FROM STDIN (DELIMITER '|')"
  done
  rm -rf "$dir/tpch"
  sql -d tpch -c 'ALTER DATABASE tpch SET random_page_cost = 4' -c 'ALTER DATABASE tpch SET max_parallel_workers_per_gather = 2'
  sql -d tpch -f "$own/tpch/keys.sql"
fi
if [ "$rows" != 0 ]; then
  sql -d postgres -c 'CREATE DATABASE mixed'
  sql -d mixed -v rows="$rows" -f "$own/mixed.sql"
  sql -d postgres -c 'CREATE DATABASE held'
  sql -d held -v rows="$rows" -f "$own/held-out.sql"
fi
# What the benchmarks compare with, where it is installed.
for database in $(sql -d postgres -At -c "SELECT datname FROM pg_database WHERE datname IN ('shop', 'tpch', 'mixed', 'held')"); do
  sql -d "$database" -c 'CREATE EXTENSION IF NOT EXISTS pg_trgm' || true
  sql -d "$database" -c 'CREATE EXTENSION IF NOT EXISTS hypopg' || true
done
loaded=yes
echo "host=$PGHOST port=$PGPORT user=$PGUSER"

# shellcheck shell=bash
# Sourced by the benchmarks. Sets: here, bench. with_server DIR sets: server.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bench=${TWIN_BENCH:-}
if [ -z "$bench" ]; then
  (cd "$root" && swift build -c release --product twin-bench >&2)
  bench=$root/.build/release/twin-bench
fi
made=''

with_server() {
  local directory=$1
  if [ -z "$directory" ]; then
    made=$(mktemp -d /var/tmp/pgassay-bench.XXXXXX)
    chmod 711 "$made"
    directory=$made/server
    trap '"$root/Workloads/shop/load.sh" "$made/server" --shutdown; rm -rf "$made"' EXIT
    server=$("$here/load.sh" "$directory" | tail -n 1)
  else
    directory=$(realpath "$directory")
    # The socket's name carries the port; a server that was stopped is started again.
    # A server that was killed leaves its file behind: whether one answers is what counts.
    address() { printf 'host=%s port=%s user=postgres' "$directory/run" "$(sed -n 4p "$directory/data/postmaster.pid" 2>/dev/null)"; }
    psql -X -At "$(address) dbname=postgres" -c 'SELECT 1' >/dev/null 2>&1 ||
      "$root/Workloads/shop/load.sh" "$directory" --start >/dev/null
    server=$(address)
  fi
}

# Keeps one PostgreSQL cluster: makes it, starts it, waits until its owner is gone, ends it, removes it.
# The owner holds the other end of our standard input, so its death by any means is noticed; a signal tied
# to the parent would be tied to the thread that happened to start us. Arguments: programs' folder, port,
# then settings to switch off.
set -u
trap '' HUP INT TERM PIPE
bin=$1
port=$2
shift 2
off=
for setting in "$@"; do off="$off -c $setting=off"; done
cd /
dir=$(mktemp -d "${TMPDIR:-/tmp}/countinghouse-postgres.XXXXXX") || exit 1
fail() {
  echo "failed $1: $(tail -n 3 "$dir/log" | tr '\n' ' ')"
  rm -rf "$dir"
  exit 1
}
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C -k --no-sync >"$dir/log" 2>&1 || fail initdb
"$bin/postgres" -D "$dir/data" -k "$dir" -p "$port" -c listen_addresses=127.0.0.1 -c fsync=on \
  -c max_connections=300 -c shared_buffers=64MB -c log_min_messages=warning $off >"$dir/log" 2>&1 </dev/null &
postmaster=$!
tries=0
until "$bin/pg_isready" -q -h "$dir" -p "$port"; do
  kill -0 "$postmaster" 2>/dev/null || fail postgres
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || fail "postgres (not ready in time)"
  sleep 0.05
done
echo "ready $postmaster $dir"
cat >/dev/null
# QUIT to the postmaster ends its backends too; killing it outright would leave them holding shared memory.
kill -QUIT "$postmaster" 2>/dev/null
wait "$postmaster" 2>/dev/null
rm -rf "$dir"

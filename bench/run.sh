#!/usr/bin/env bash
# Measures a whole server and prints a Markdown table: requests per second, latencies, memory, start-up time.
#
#   bench/run.sh                                 starts target/release/storefront on an embedded store of its own
#   STOREFRONT_BIN=path bench/run.sh             the same with another binary
#   STOREFRONT_URL=http://host:port bench/run.sh measures a server that runs already and has the account of below and an
#                                                app; STOREFRONT_PID says whose memory to read
#
# BENCH_SECONDS (8) is the length of each of the nine measurements, BENCH_CONNECTIONS ("1 16 64") what they use.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${STOREFRONT_BIN:-${CARGO_TARGET_DIR:-$here/../target}/release/storefront}
seconds=${BENCH_SECONDS:-8}
read -r -a connections <<<"${BENCH_CONNECTIONS:-1 16 64}"
account_name=benchco
user="admin"
password=secret123
apps=30

say() { printf '%s\n' "$*" >&2; }
die() {
  say "bench: $*"
  exit 1
}

need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null || die "$1 is missing; install the package $2 (Debian, Ubuntu: apt-get install $2)"
}

work=$(mktemp -d)
server=

cleanup() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Prints the value at a path of keys and indexes of the JSON on standard input: `field data 0 id`.
field() {
  python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value[int(key) if isinstance(value, list) else key]
print(value)' "$@"
}

sup() { # an operator's command on the store to be measured
  timeout 120 "$bin" sup crossbar_maintenance "$@" --store "embedded:$work/data" >>"$work/log" 2>&1 || {
    cat "$work/log" >&2
    die "sup crossbar_maintenance $1 failed"
  }
}

prepare() {
  [[ -x $bin ]] || die "$bin isn't there; build it with cargo build --release, or set STOREFRONT_BIN"
  mkdir "$work/data" "$work/apps"
  say "Creating the account and $apps apps"
  sup create_account "$account_name" bench.local "$user" "$password"
  python3 "$here/make_apps.py" "$work/apps" "$apps"
  sup init_apps "$work/apps" "$url/v2"
}

# Starts the server; sets `server` and `startup` (milliseconds until it answers).
start() {
  local begin=${EPOCHREALTIME//[!0-9]/} now
  "$bin" serve --store "embedded:$work/data" --listen "127.0.0.1:$port" >>"$work/log" 2>&1 &
  server=$!
  until curl -fs -o "$work/health" --max-time 1 "$url/healthz" 2>/dev/null; do
    now=${EPOCHREALTIME//[!0-9]/}
    if ! kill -0 "$server" 2>/dev/null || ((now - begin > 30000000)); then
      cat "$work/log" >&2
      die "the server didn't come up"
    fi
    sleep 0.005
  done
  now=${EPOCHREALTIME//[!0-9]/}
  startup="$(((now - begin) / 1000)) ms"
}

memory() { # resident memory of a process, if one is known
  if [[ -n $1 && -r /proc/$1/status ]]; then
    awk '/^VmRSS:/ { printf "%.1f MB\n", $2 / 1024 }' "/proc/$1/status"
  else
    echo "not known"
  fi
}

get() { # get PATH: the answer, which has to be a 2xx
  curl -fsS --max-time 10 -H "X-Auth-Token: $token" "$url$1"
}

measure() { # measure NAME PATH
  local count threads report failed
  get "$2" >"$work/answer" || die "GET $2 fails"
  for count in "${connections[@]}"; do
    threads=$((count < 2 ? count : 2))
    say "$1, $count connections"
    report=$(timeout $((seconds + 30)) wrk -t "$threads" -c "$count" -d "${seconds}s" --latency \
      -H "X-Auth-Token: $token" "$url$2")
    # Answers other than 2xx and broken connections make a measurement worthless: say so in its row.
    failed=$(awk '/Non-2xx or 3xx responses|Socket errors/ { gsub(/^ +/, ""); printf " (%s)", $0 }' <<<"$report")
    awk -v name="$1" -v count="$count" -v failed="$failed" '
      $1 == "50%" { p50 = $2 }
      $1 == "99%" { p99 = $2 }
      $1 == "Requests/sec:" { rate = $2 }
      END { printf "| %s | %d | %.0f%s | %s | %s |\n", name, count, rate, failed, p50, p99 }' <<<"$report"
  done
}

need curl curl
need python3 python3
need wrk wrk

startup="not measured"
if [[ -n ${STOREFRONT_URL:-} ]]; then
  url=${STOREFRONT_URL%/}
else
  port=$(free_port)
  url=http://127.0.0.1:$port
  prepare
  start
fi
process=${server:-${STOREFRONT_PID:-}}
memory_before=$(memory "$process")

hash=$(printf '%s:%s' "$user" "$password" | md5sum | cut -d ' ' -f 1)
login=$(curl -fsS --max-time 10 -X PUT -H 'Content-Type: application/json' \
  -d "{\"data\":{\"credentials\":\"$hash\",\"account_name\":\"$account_name\"}}" "$url/v2/user_auth") || die "login fails"
token=$(field auth_token <<<"$login")
account=$(field data account_id <<<"$login")
app=$(get "/v2/accounts/$account/apps_store" | field data 0 id) || die "there are no apps"

echo "| Request | Connections | Requests/s | p50 | p99 |"
echo "|---|---:|---:|---:|---:|"
measure "apps list" "/v2/accounts/$account/apps_store"
measure "icon" "/v2/apps_store/$app/icon"
measure "account" "/v2/accounts/$account"
echo
echo "| | |"
echo "|---|---:|"
echo "| Start-up until \`/healthz\` answers | $startup |"
echo "| Resident memory before | $memory_before |"
echo "| Resident memory after | $(memory "$process") |"

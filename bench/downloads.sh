#!/usr/bin/env bash
# Measures how much memory a server takes while many download one large logo at the same time.
#
#   bench/downloads.sh                        starts target/release/storefront on an embedded store of its own
#   STOREFRONT_BIN=path bench/downloads.sh    the same with another binary
#
# BENCH_READERS (50) is how many there are, BENCH_MEGABYTES (5) the size of the logo. Each reader is slowed down to 2 MB/s,
# so that all are under way together.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${STOREFRONT_BIN:-${CARGO_TARGET_DIR:-$here/../target}/release/storefront}
readers=${BENCH_READERS:-50}
megabytes=${BENCH_MEGABYTES:-5}

die() {
  printf 'bench: %s\n' "$*" >&2
  exit 1
}

[[ -x $bin ]] || die "$bin isn't there; build it with cargo build --release, or set STOREFRONT_BIN"
for tool in curl python3; do
  command -v "$tool" >/dev/null || die "$tool is missing (Debian, Ubuntu: apt-get install $tool)"
done

work=$(mktemp -d)
server=
cleanup() {
  [[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port/v2
store=embedded:$work/data

start() {
  "$bin" serve --store "$store" --listen "127.0.0.1:$port" >>"$work/log" 2>&1 &
  server=$!
  until curl -fs -o /dev/null --max-time 1 "http://127.0.0.1:$port/healthz"; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; die "the server doesn't start"; }
    sleep 0.05
  done
}

memory() { # memory VmRSS|VmHWM, in KiB
  awk -v field="$1:" '$1 == field { print $2 }' "/proc/$server/status"
}

field() { # field KEY…, of the JSON on standard input
  python3 -c 'import functools, json, sys; print(functools.reduce(lambda value, key: value[key], sys.argv[1:], json.load(sys.stdin)))' "$@"
}

"$bin" create-account --store "$store" benchco bench.local admin secret123 >>"$work/log" 2>&1 || { cat "$work/log" >&2; die "no account"; }
head -c $((megabytes * 1024 * 1024)) /dev/urandom >"$work/logo"
start
md5=$(printf admin:secret123 | md5sum | cut -d ' ' -f 1)
login=$(curl -fs -X PUT -H 'content-type: application/json' -d "{\"data\":{\"credentials\":\"$md5\",\"account_name\":\"benchco\"}}" "$url/user_auth")
token=$(field auth_token <<<"$login")
whitelabel=$url/accounts/$(field data account_id <<<"$login")/whitelabel
curl -fs -o /dev/null -X PUT -H "x-auth-token: $token" -H 'content-type: application/json' -d '{"data":{"domain":"bench.example"}}' "$whitelabel"
curl -fs -o /dev/null -X POST -H "x-auth-token: $token" -H 'content-type: image/png' --data-binary "@$work/logo" "$whitelabel/logo"
after_upload=$(memory VmHWM)

# A new server, so that what the upload took isn't there to be used again.
kill "$server" && wait "$server" || true
start
curl -fs -o "$work/one" "$url/whitelabel/bench.example/logo"
cmp "$work/one" "$work/logo" || die "another logo came back"
before=$(memory VmHWM)
pids=()
for ((n = 0; n < readers; n++)); do
  curl -fs --limit-rate 2M -o "$work/got.$n" "$url/whitelabel/bench.example/logo" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
for ((n = 0; n < readers; n++)); do cmp "$work/got.$n" "$work/logo" || die "another logo came back"; done
after=$(memory VmHWM)
printf '| what | KiB |\n|---|---:|\n'
printf '| most memory while a logo of %s MB is uploaded | %s |\n' "$megabytes" "$after_upload"
printf '| most memory with one reader | %s |\n| with %s readers at once | %s |\n| growth | %s |\n' "$before" "$readers" "$after" $((after - before))

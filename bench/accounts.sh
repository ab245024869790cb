#!/usr/bin/env bash
# Measures a server with 1,000, 10,000 and 100,000 accounts and prints a Markdown table: what a request takes (p50 and p99 in
# milliseconds, one request after the other) and resident memory afterwards.
#
#   bench/accounts.sh                             target/release, an embedded store in a temporary directory
#   BENCH_PROFILE=debug BENCH_COUNTS="1000" …     another build, other numbers of accounts
#
# BENCH_REQUESTS (300) is how often each request is sent, BENCH_DIR where the store goes (2 GB for 100,000 accounts).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
profile=${BENCH_PROFILE:-release}
target=${CARGO_TARGET_DIR:-$here/../target}/$profile
read -r -a counts <<<"${BENCH_COUNTS:-1000 10000 100000}"
requests=${BENCH_REQUESTS:-300}
work=$(mktemp -d -p "${BENCH_DIR:-/tmp}")
server=

say() { printf '%s\n' "$*" >&2; }

stop() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ ! -x $target/storefront || ! -x $target/examples/make_accounts ]]; then
  say "build first: cargo build --bins --example make_accounts$([[ $profile == release ]] && echo ' --release')"
  exit 1
fi

store=embedded:$work/data
storefront() { "$target/storefront" --store "$store" "$@" >>"$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }; }
storefront create-account "Bench Master" master.bench.local admin secret123
storefront config set-default token_buckets max_bucket_tokens 1000000
storefront config set-default token_buckets tokens_fill_rate 1000000

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
for count in "${counts[@]}"; do
  say "Making $count accounts"
  reseller=$("$target/examples/make_accounts" "$store" "$count")
  "$target/storefront" --store "$store" serve --listen "127.0.0.1:$port" >>"$work/log" 2>&1 &
  server=$!
  python3 "$here/measure_accounts.py" "127.0.0.1:$port" "$server" "$count" "$reseller" "$requests" "$work/results"
  stop
  say "The store takes $(du -sm "$work/data" | cut -f 1) MB"
done
python3 "$here/measure_accounts.py" "$work/results"

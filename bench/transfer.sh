#!/usr/bin/env bash
# Moves a tree of accounts with attachments from an embedded store into the CouchDB stand-in of the tests and back into
# another embedded store. Each of the four steps is killed (SIGKILL) in its middle and begun again; in the end all three
# stores must hold the same. Prints a Markdown table: seconds, and the most memory that the program took.
#
#   bench/transfer.sh                            2,000 accounts with a photo of 20,000 bytes each, target/release
#   BENCH_PROFILE=debug BENCH_ACCOUNTS=200 …     another build, another number; BENCH_PHOTO is the photos' size
#
# COUCHDB_URL names a real CouchDB instead; it must have none of Kazoo's databases.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
profile=${BENCH_PROFILE:-release}
target=${CARGO_TARGET_DIR:-$here/../target}/$profile
accounts=${BENCH_ACCOUNTS:-2000}
photo=${BENCH_PHOTO:-20000}
work=$(mktemp -d -p "${BENCH_DIR:-/tmp}")
standin=

say() { printf '%s\n' "$*" >&2; }

stop() {
  if [[ -n $standin ]]; then
    kill "$standin" 2>/dev/null || true
    wait "$standin" 2>/dev/null || true
  fi
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ ! -x $target/storefront || ! -x $target/examples/make_accounts ]]; then
  say "build first: cargo build --bins --example make_accounts$([[ $profile == release ]] && echo ' --release')"
  exit 1
fi

export RUST_LOG=warn
storefront=$target/storefront

source=embedded:$work/source
back=embedded:$work/back
"$storefront" --store "$source" create-account "Bench Master" master.bench.local admin secret123 >/dev/null
say "Making $accounts accounts"
"$target/examples/make_accounts" "$source" "$accounts" "$photo" >/dev/null 2>"$work/log"

couch=${COUCHDB_URL:-}
if [[ -z $couch ]]; then
  mkfifo "$work/url"
  node --max-old-space-size=8000 "$here/../tests/couchdb/standin.js" --in-memory --admin bench:secret >"$work/url" 2>"$work/standin.log" &
  standin=$!
  read -r couch <"$work/url"
  couch=${couch/http:\/\//http://bench:secret@}
fi

# The most memory that a process took so far, in MB.
memory() { awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$1/status" 2>/dev/null || true; }

# Runs a command, kills it as soon as the condition holds, runs it again to its end, and prints a row.
interrupted() {
  local name=$1 condition=$2 began most=0 now pid
  shift 2
  "$storefront" "$@" >"$work/said" 2>&1 &
  pid=$!
  until eval "$condition"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      say "$name ended before it could be killed"
      cat "$work/said" >&2
      exit 1
    fi
    sleep 0.05
  done
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  began=$(date +%s.%N)
  "$storefront" "$@" >"$work/said" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    now=$(memory "$pid")
    most=$((${now:-0} > most ? ${now:-0} : most))
    sleep 0.05
  done
  wait "$pid" || { cat "$work/said" >&2; exit 1; }
  say "$(cat "$work/said")"
  printf '| %s | %.1f | %s |\n' "$name" "$(echo "$(date +%s.%N) - $began" | bc)" "$most" >>"$work/table"
}

longer() { [[ $(stat -c %s "$1" 2>/dev/null || echo 0) -gt $2 ]]; }
databases() { curl -s "${couch%/}/_all_dbs" | tr ',' '\n' | grep -c account/ || true; }

half=$((accounts * photo / 2))
interrupted "export, embedded" 'longer "$work/out.part" $half' --store "$source" export "$work/out" --months
interrupted "import, CouchDB" '(($(databases) > accounts))' --store "$couch" import "$work/out"
interrupted "export, CouchDB" 'longer "$work/home.part" $half' --store "$couch" export "$work/home" --months
interrupted "import, embedded" 'longer "$work/back/storefront.db" $half' --store "$back" import "$work/home"

for other in "$couch" "$back"; do
  say "$("$storefront" --store "$source" compare "$other" --months)"
done
printf '| %s accounts, second run after a kill | Seconds | MB of memory |\n|---|---|---|\n' "$accounts"
cat "$work/table"

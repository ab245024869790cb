#!/usr/bin/env bash
# How old answers from memory get while somebody else writes to CouchDB all the time, and whether our own writes are always
# seen. Prints one line, and fails when an answer was older than the limit.
#
#   bench/staleness.sh                       200 writes a second for half a minute, on the stand-in, which tells as late
#                                            as CouchDB does
#   COUCHDB_URL=http://user:password@host:5984 bench/staleness.sh
#
# STALENESS_RATE, STALENESS_SECONDS and STALENESS_LIMIT_MS (2000) say otherwise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export STALENESS_RATE=${STALENESS_RATE:-200} STALENESS_SECONDS=${STALENESS_SECONDS:-30}
cargo test --test it cached::staleness -- --nocapture --test-threads 1 | grep -oE 'limit [0-9]+ ms.*|.*panicked.*|^test result.*'

#!/bin/sh
# Runs one fuzz target: fuzz.sh PROGRAM SCRATCH [OPTION…] SEEDS…; for $STDBIND_FUZZ_SECONDS, 30 if it is not set.
# It begins the same way each time, unless $STDBIND_FUZZ_SEED says otherwise. What it learns is kept in SCRATCH/corpus
# for the next time; an input that it fails on lies in SCRATCH. Two at once must not have the same SCRATCH.
set -eu
program=$1 scratch=$2
shift 2
mkdir -p "$scratch/corpus"
log=$scratch/log
status=0
"$program" -seed="${STDBIND_FUZZ_SEED:-1}" -max_total_time="${STDBIND_FUZZ_SECONDS:-30}" -timeout=20 -rss_limit_mb=1024 -max_len=8192 \
  -artifact_prefix="$scratch/" -print_final_stats=1 -close_fd_mask=1 "$scratch/corpus" "$@" >"$log" 2>&1 || status=$?
if [ "$status" != 0 ]; then
  cat "$log"
  echo "again: $program $(ls -t "$scratch"/crash-* "$scratch"/timeout-* "$scratch"/oom-* "$scratch"/leak-* 2>/dev/null | head -n 1)"
  exit 1
fi
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
[ "${runs:-0}" -gt 0 ] || { cat "$log"; echo "it ran no input"; exit 1; }
printf '%s: %s inputs, none failed\n' "${program##*/}" "$runs"

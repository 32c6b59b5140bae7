#!/bin/sh
# Runs every benchmark of this folder against a build directory. Each prints ratios taken within its own run, as rows of
# name, ratio, goal and `ok` or `below`; the last line counts them.
# usage: bench/run.sh BUILD_DIRECTORY [--quick|--full]: --quick takes at most 5 minutes, --full needs 2 GiB of memory
set -eu
usage='usage: bench/run.sh BUILD_DIRECTORY [--quick|--full]'
build=${1:?$usage}
shift
case "$*" in '' | --quick | --full) ;; *) printf '%s\n' "$usage" >&2; exit 2 ;; esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for bench in "$(dirname "$0")"/*/run.sh; do
  printf '== %s\n' "$(basename "$(dirname "$bench")")"
  # A pipe would hide that one fails.
  { sh "$bench" "$build" "$@" || touch "$folder/failed"; } | tee -a "$folder/rows"
done
[ ! -e "$folder/failed" ] || { printf 'bench: a benchmark failed\n' >&2; exit 1; }
awk '$3 ~ /^[<>]=/ && ($4 == "ok" || $4 == "below") { ++rows; below += $4 == "below" }
     END { printf "bench: %d rows, %d below their goal\n", rows, below }' "$folder/rows"

#!/bin/sh
# Runs every benchmark of this folder against a build directory. Each prints ratios taken within its own run.
set -eu
build=${1:?usage: bench/run.sh BUILD_DIRECTORY [OPTIONS]}
shift
for bench in "$(dirname "$0")"/*/run.sh; do
  printf '== %s\n' "$(basename "$(dirname "$bench")")"
  sh "$bench" "$build" "$@"
done

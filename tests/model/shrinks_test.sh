#!/bin/sh
# A mutant of the core must make a run fail, the run must shrink to a few lines, and the case that is printed must fail
# with the mutant and pass without: shrinks_test.sh MODEL_TEST --root ROOT --build BUILD
set -eu
model_test=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$1" >&2; cat "$work/log" >&2; exit 1; }

for mutant in cow-is-shared write-leaves-the-cursor probe-does-nothing; do
  if "$model_test" "$@" --language c --mutant "$mutant" --out "$work/model.case" --runs 40 >"$work/log"; then
    fail "the model does not notice $mutant"
  fi
  steps=$(sed -n 's/.*shrunk to \([0-9]*\) operations.*/\1/p' "$work/log")
  [ "${steps:-99}" -le 5 ] || fail "$mutant: the run was not shrunk to 5 operations or fewer"
  "$model_test" "$@" --language c --replay "$work/model.case" >"$work/log" ||
    fail "$mutant: the case fails without the mutant too"
  if "$model_test" "$@" --language c --replay "$work/model.case" --mutant "$mutant" >"$work/log"; then
    fail "$mutant: the case passes with the mutant"
  fi
  echo "$mutant: $steps operations"
done

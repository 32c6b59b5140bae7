#!/bin/sh
# The package as a whole: documented in full, formatted, and usable when precompiled, loading and linking.
# usage: package.sh MOJO LIBRARY PACKAGES TESTS
set -eu
mojo=$1 library=$2 packages=$3 tests=$4
export PATH="$(dirname "$mojo"):$PATH"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

timeout 120 "$mojo" doc --diagnose-missing-doc-strings --Werror -o "$folder/documentation.json" "$packages/mmap"
mblack --quiet --check --target-version mojo "$packages/mmap" ||
  { echo "not formatted: run $mojo format $packages/mmap"; exit 1; }
timeout 120 "$mojo" precompile "$packages/mmap" -o "$folder/mmap.mojoc"
sh "$tests/run.sh" run "$mojo" "$library" "$tests/test_proposal.mojo" -I "$folder"
sh "$tests/run.sh" linked-run "$mojo" "$library" "$tests/test_proposal.mojo" -I "$folder"

#!/bin/sh
# What is committed as generated is what the generator writes today. Usage: regenerate.sh STDBIND FOLDER
set -eu
cd "$(dirname "$0")/../.."
rm -rf "$2"
mkdir -p "$2"
sh tools/toolchain/generate.sh "$1" "$2"
for file in $(cd "$2" && find . -type f); do
  diff -u "$file" "$2/$file" || { echo "$file differs: run ./dev generate" >&2; exit 1; }
done
[ "$(find "$2" -type f | wc -l)" -ge 3 ] || { echo "too few files were generated" >&2; exit 1; }

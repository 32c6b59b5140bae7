#!/bin/sh
# Generates the zlib binding for a language from the system's own header, and runs the program with it.
# Usage: run.sh LANGUAGE STDBIND TOOL FOLDER: mojo or simple, the stdbind command, mojo or simple-ref, where to generate.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
language=$1 stdbind=$2 tool=$3
mkdir -p "$4"
folder=$(cd "$4" && pwd)
"$stdbind" generate --language "$language" --name zlib --interface /usr/include/zlib.h --out "$folder" >"$folder/generate.txt"
export ZLIB_LIBRARY="$folder/libzlib_stdbind.so"
case $language in
  mojo) timeout 120 "$tool" run -I "$folder" "$here/mojo/round_trip.mojo" ;;
  simple)
    cp "$here/simple/round_trip.spl" "$folder"
    timeout 300 "$tool" run "$folder/round_trip.spl"
    ;;
  *) echo "run.sh: unknown language $language: mojo or simple" >&2; exit 2 ;;
esac

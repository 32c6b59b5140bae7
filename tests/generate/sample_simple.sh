#!/bin/sh
# The generated Simple binding of the sample library. Usage: sample_simple.sh STDBIND SIMPLE LIBRARY FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stdbind=$1 simple=$2 library=$3 folder=$4
rm -rf "$folder"
mkdir -p "$folder"
"$stdbind" generate --language simple --interface "$here/inputs/all.i" --strip sample_ --link "$library" --out "$folder"
cp "$here/programs/sample_spec.spl" "$folder"
cd "$folder"
SAMPLE_LIBRARY="$folder/libsample_stdbind.so" timeout 120 "$simple" test sample_spec.spl >result.txt 2>&1 ||
  { cat result.txt; exit 1; }
cat result.txt
grep -q 'Results: 6 total, 6 passed, 0 failed' result.txt

#!/bin/sh
# The zlib programs print the same numbers in every language, and those of zlib itself.
# Usage: zlib.sh STDBIND MOJO SIMPLE PYTHON FOLDER
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
stdbind=$1 mojo=$2 simple=$3 python=$4 folder=$5
rm -rf "$folder"
mkdir -p "$folder"
"$python" - >"$folder/expected.txt" <<'PYTHON'
import struct, zlib
state, words = 20261121, []
for _ in range(1048576 // 8):
    state = (state * 1103515245 + 12345) % 2147483648
    words.append(state & 252645135)
data = struct.pack(f"<{len(words)}q", *words)
packed = zlib.compress(data)
back = zlib.decompress(packed)
print(f"input: {len(data)} bytes, crc32 {zlib.crc32(data)}")
print(f"compressed: {len(packed)} bytes")
print(f"round trip: {len(back)} bytes, crc32 {zlib.crc32(back)}")
PYTHON
sh "$root/examples/zlib/run.sh" mojo "$stdbind" "$mojo" "$folder/mojo" >"$folder/mojo.txt"
sh "$root/examples/zlib/run.sh" simple "$stdbind" "$simple" "$folder/simple" >"$folder/simple.txt"
cat "$folder/mojo.txt"
diff -u "$folder/expected.txt" "$folder/mojo.txt"
diff -u "$folder/expected.txt" "$folder/simple.txt"
for language in mojo simple; do grep -q '^bound 122 / disabled 0 / refused 13$' "$folder/$language/generate.txt"; done
timeout 120 "$mojo" doc --diagnose-missing-doc-strings --Werror -o "$folder/zlib.json" "$folder/mojo/zlib.mojo"

#!/bin/sh
# The generated Mojo binding of the sample library: documented, and right in both ways of linking.
# Usage: sample_mojo.sh STDBIND MOJO LIBRARY FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stdbind=$1 mojo=$2 library=$3 folder=$4
rm -rf "$folder"
mkdir -p "$folder"
"$stdbind" generate --language mojo --interface "$here/inputs/all.i" --strip sample_ --link "$library" --out "$folder"
cp "$here/programs/test_sample.mojo" "$folder"
cd "$folder"
timeout 120 "$mojo" doc --diagnose-missing-doc-strings --Werror -o sample.json sample.mojo
SAMPLE_LIBRARY="$folder/libsample_stdbind.so" timeout 120 "$mojo" run test_sample.mojo
timeout 120 "$mojo" build -D SAMPLE_LINKED -Xlinker "$folder/libsample_stdbind.so" -Xlinker -rpath -Xlinker "$folder" \
  -o linked test_sample.mojo
./linked

# Without the library the program says what to do.
if SAMPLE_LIBRARY="$folder/none.so" timeout 120 "$mojo" run test_sample.mojo --only test_texts >none.txt 2>&1; then
  echo "a missing library was not noticed" >&2
  exit 1
fi
grep -q 'set SAMPLE_LIBRARY to its path' none.txt

# A library of another binding is refused before anything is called.
"$stdbind" generate --language mojo --no-format --name sample --interface "$here/inputs/buffers.h" --link "$library" --out other
if SAMPLE_LIBRARY="$folder/other/libsample_stdbind.so" timeout 120 "$mojo" run test_sample.mojo --only test_texts >other.txt 2>&1
then
  echo "the library of another binding was accepted" >&2
  exit 1
fi
grep -q 'generate both again' other.txt

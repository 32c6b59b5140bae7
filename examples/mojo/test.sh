#!/bin/sh
# Runs every example, and compares what it prints with what another tool finds out.
# usage: test.sh MOJO LIBRARY PACKAGES
set -eu
mojo=$1 packages=$3
export STDBIND_LIBRARY="$2" PATH="$(dirname "$mojo"):$PATH"
examples=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
failed=0

same() {  # name, expected, got
  [ "$2" = "$3" ] || { printf '%s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"; failed=1; }
}

for example in read write share sum load; do
  timeout 120 "$mojo" build -I "$packages" "$examples/$example.mojo" -o "$example"
done

seq 1 100000 > numbers
same read "100000 lines, $(wc -c < numbers) bytes
the end: $(tail -c 20 numbers)" "$(timeout 60 ./read numbers)"
same 'read nothing' '0 lines, 0 bytes
the end: ' "$(: > empty; timeout 60 ./read empty)"

same sum "$(od -An -v -t u1 -w1 numbers | awk '{ sum += $1 } END { print sum }')" "$(timeout 60 ./sum numbers)"

same load "$(./sum numbers)" "$(timeout 60 ./load numbers)"
same 'load nothing' 0 "$(timeout 60 ./load empty)"

printf 'Hello, world of {maps}!\n' > text
same write 'done: text' "$(timeout 60 ./write text)"
same 'what was written' 'HELLO, WORLD OF {MAPS}!' "$(cat text)"
same 'write to nothing' 'there is no file nowhere' "$(timeout 60 ./write nowhere)"

timeout 60 ./share receive mailbox > received &
receiver=$!
tries=0
until [ -s mailbox ] || [ $tries = 500 ]; do
  sleep 0.02
  tries=$((tries + 1))
done
timeout 60 ./share send mailbox 'hello there'
wait $receiver || failed=1
same share 'received: hello there' "$(cat received)"
exit $failed

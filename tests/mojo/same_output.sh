#!/bin/sh
# Whether a Mojo program prints the same as another program.
# usage: same_output.sh MOJO OTHER_PROGRAM PROGRAM [-I DIR …]
set -eu
mojo=$1 other=$2 program=$3
shift 3
export PATH="$(dirname "$mojo"):$PATH"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$other" > "$folder/expected"
timeout 120 "$mojo" run "$@" "$program" > "$folder/printed"
diff "$folder/expected" "$folder/printed"

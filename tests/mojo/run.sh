#!/bin/sh
# Builds and runs one Mojo program in an empty folder of its own. Ways: run, build, linked-run, linked-build.
# usage: run.sh WAY MOJO LIBRARY PROGRAM [-I DIR …]
set -eu
way=$1 mojo=$2 library=$3 program=$4
shift 4
export PATH="$(dirname "$mojo"):$PATH"
export STDBIND_LIBRARY="$library"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

case $way in
  run) timeout 120 "$mojo" run "$@" "$program" ;;
  build)
    timeout 120 "$mojo" build "$@" "$program" -o program
    timeout 60 ./program
    ;;
  linked-run)
    unset STDBIND_LIBRARY
    timeout 120 "$mojo" run -D STDBIND_LINKED -Xlinker "$library" "$@" "$program"
    ;;
  linked-build)
    unset STDBIND_LIBRARY
    timeout 120 "$mojo" build -D STDBIND_LINKED "$@" "$program" -o program \
      -Xlinker "$library" -Xlinker -rpath -Xlinker "$(dirname "$library")"
    timeout 60 ./program
    ;;
  *) echo "run.sh: unknown way $way" >&2; exit 2 ;;
esac

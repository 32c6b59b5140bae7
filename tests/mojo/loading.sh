#!/bin/sh
# What a program says when the library is found by the loader, missing, of another kind, or too old.
# usage: loading.sh MOJO LIBRARY OLD_LIBRARY PROGRAM [-I DIR …]
set -eu
mojo=$1 library=$2 old=$3 program=$4
shift 4
export PATH="$(dirname "$mojo"):$PATH"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 120 "$mojo" build "$@" "$program" -o "$folder/program"
failed=0

says() {  # name, text that must appear, command...
  name=$1 wanted=$2
  shift 2
  said=$(timeout 60 "$@" 2>&1) || { echo "$name: ended with $?"; failed=1; }
  case $said in
    *"$wanted"*) ;;
    *) printf '%s: expected "%s", got:\n%s\n' "$name" "$wanted" "$said"; failed=1 ;;
  esac
}

cd "$folder"
says 'by path' 'page size' env STDBIND_LIBRARY="$library" ./program
says 'by the loader' 'page size' env -u STDBIND_LIBRARY LD_LIBRARY_PATH="$(dirname "$library")" ./program
for part in unsupported /nowhere/libstdbind.so 'cannot be loaded' 'set STDBIND_LIBRARY'; do
  says 'missing' "$part" env STDBIND_LIBRARY=/nowhere/libstdbind.so ./program
done
says 'missing, by the loader' 'libstdbind.so cannot be loaded' env -u STDBIND_LIBRARY ./program
says 'another library' 'stdbind_api_table' env STDBIND_LIBRARY=libc.so.6 ./program
for part in unsupported "$old is too old" 'ABI version 2 is needed'; do
  says 'too old' "$part" env STDBIND_LIBRARY="$old" ./program
done
exit $failed

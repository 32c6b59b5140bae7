#!/bin/sh
# What a 16-byte read costs from Mojo, against the same call from C++: one run, programs taking turns.
# usage: run.sh BUILD_DIRECTORY [--quick|--full]
set -eu
build=$(cd "${1:?usage: run.sh BUILD_DIRECTORY [--quick|--full]}" && pwd)
rounds=15
[ "${2:-}" != --quick ] || rounds=7
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mojo=$root/.toolchain/venv/bin/mojo
export PATH="$(dirname "$mojo"):$PATH" STDBIND_LIBRARY="$build/lib/libstdbind.so"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

timeout 120 "$mojo" build -I "$root/stdlib/mojo" "$here/read_at.mojo" -o "$folder/loaded"
timeout 120 "$mojo" build -D STDBIND_LINKED -I "$root/stdlib/mojo" "$here/read_at.mojo" -o "$folder/linked" \
  -Xlinker "$STDBIND_LIBRARY" -Xlinker -rpath -Xlinker "$build/lib"

round=0
while [ $round -lt "$rounds" ]; do
  for program in "$build/bin/binding_cost_abi" "$folder/linked" "$folder/loaded" "$build/bin/binding_cost_cpp"; do
    timeout 60 "$program" >> "$folder/times"
  done
  round=$((round + 1))
done

# Sorted by name and time, the first of a name is its minimum and the middle one its median.
sort -k1,1 -k2,2n "$folder/times" | awk -v rounds="$rounds" '
  { time[$1, ++count[$1]] = $2 }
  function row(name, label) {
    least = time[name, 1]; median = time[name, int((rounds + 1) / 2)]
    printf "  %-46s %7.2f %7.2f %8.2f %8.2f\n", label, least, median, least / time["abi", 1],
      median / time["abi", int((rounds + 1) / 2)]
  }
  END {
    printf "16-byte read_at, %d rounds in turns            ns min  median  x min  x median\n", rounds
    row("abi", "C++, stdbind_mmap_read_at of libstdbind.so")
    row("linked", "Mojo, Mmap.read_at, linked")
    row("loaded", "Mojo, Mmap.read_at, loaded at run time")
    row("cpp", "C++, Mmap::read_at, no handle")
    for (way = split("linked loaded", ways); way > 0; --way) {
      ratio = time[ways[way], 1] / time["abi", 1]
      printf "%-32s %7.2fx  <=1.10x  %-5s  (16-byte read_at from Mojo against C++)\n", "binding_cost/mojo-" ways[way], ratio,
        ratio <= 1.10 ? "ok" : "below"
    }
  }'

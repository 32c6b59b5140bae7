#!/bin/sh
# The long proof of reliability, on what is built: soak.sh MINUTES. Part after part, again and again until the time is up:
# system calls that fail, readers beside close and resize under the thread sanitizer, writers that are killed, random
# operations with new seeds in every language, and the fuzz targets, whose corpora in build/fuzz grow from run to run.
# The last lines tell how often each part ran and failed; exit code 1 if any did.
set -eu
cd "$(dirname "$0")/../.."
minutes=${1:-10}
case $minutes in '' | 0* | *[!0-9]*) echo "soak.sh: MINUTES is a whole number, at least 1" >&2; exit 2 ;; esac
release=build/release/bin tsan=build/tsan/bin fuzz=build/fuzz/bin
logs=build/soak
parts='fault race kill model fuzz'
targets='cases answers packs templates reader simple_syntax simple_run'
mkdir -p "$logs"

now() { date +%s; }
first=$(now)
end=$((first + 60 * minutes))
left() { echo $((end - $(now))); }
seed=$first
for part in $parts; do eval "runs_$part=0 failed_$part=0 told_$part="; done

# Runs one command of a part; its output is shown only if it fails, but for the last line.
run() {
  part=$1
  shift
  log=$logs/$part.log
  printf '[%4d s left] %s\n' "$(left)" "$*"
  status=0
  "$@" >"$log" 2>&1 || status=$?
  eval "runs_$part=\$((runs_$part + 1))"
  if [ "$status" = 0 ]; then
    sed -n "${shown:-\$p}" "$log" | sed 's/^/             /'
  else
    eval "failed_$part=\$((failed_$part + 1))"
    cp "$log" "$logs/$part-failed-$(now).log"
    tail -n 60 "$log"
    printf '             %s FAILED (exit code %s): %s\n' "$part" "$status" "$log"
  fi
}

# Half of the targets beside the other half, each for the same time.
fuzz_all() {
  each=$(($1 * 2 / 7))
  [ "$each" -ge 5 ] || each=5
  export STDBIND_FUZZ_SECONDS=$each
  run fuzz ctest --test-dir build/fuzz -L fuzz -j2 --output-on-failure
}

race_until() {
  while :; do
    shown='/^reads/p' run race env STDBIND_RACE_ROUNDS=400 "$tsan/unit_race"
    [ "$(now)" -lt "$1" ] || break
  done
}

for program in "$release/fault-loop" "$tsan/unit_race" "$release/kill-test" "$release/model_test" \
  $(for target in $targets; do echo "$fuzz/fuzz_$target"; done); do
  [ -x "$program" ] || { echo "soak.sh: $program is not built: ./dev soak builds it" >&2; exit 2; }
done
"$release/build_adapters" "$PWD" build/release
mkdir -p "$logs/tmp"
TMPDIR=$PWD/$logs/tmp  # on a disk, not in memory
export TMPDIR

while [ "$(left)" -gt 0 ]; do
  span=$(left)
  [ "$span" -le 1200 ] || span=1200
  run fault "$release/fault-loop" 1500
  race_until $(($(now) + span / 10))
  run kill "$release/kill-test" 1000 "$seed"
  shown='/runs of/p' run model "$release/model_test" --root "$PWD" --build "$PWD/build/release" \
    --seed "$((seed * 1000000))" --seconds "$((span / 4))"
  rest=$((span * 2 / 5))
  [ "$(left)" -ge "$rest" ] || rest=$(left)
  [ "$rest" -le 0 ] || fuzz_all "$rest"
  seed=$((seed + 1))
done

bad=0
printf '\nsoak: %d minutes\n' $((($(now) - first) / 60))
for part in $parts; do
  eval "runs=\$runs_$part failed=\$failed_$part"
  printf '  %-6s %4d times, %d failed\n' "$part" "$runs" "$failed"
  [ "$failed" = 0 ] && [ "$runs" -gt 0 ] || bad=1
done
exit $bad

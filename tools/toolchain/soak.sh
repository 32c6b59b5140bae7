#!/bin/sh
# The long proof of reliability, on what is built: soak.sh MINUTES. Part after part until the time is up:
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
export STDBIND_FUZZ_SEED="$first"
for part in $parts; do eval "runs_$part=0 failed_$part=0 told_$part="; done

# run PART LINES COMMAND…: of the output only those lines are shown (in the words of sed), unless it fails.
run() {
  part=$1 lines=$2
  shift 2
  log=$logs/$part.log
  printf '[%4d s left] %s\n' "$(left)" "$*"
  status=0
  "$@" >"$log" 2>&1 || status=$?
  eval "runs_$part=\$((runs_$part + 1))"
  if [ "$status" = 0 ]; then
    sed -n "$lines" "$log" | sed 's/^/             /'
  else
    eval "failed_$part=\$((failed_$part + 1))"
    cp "$log" "$logs/$part-failed-$(now).log"
    tail -n 60 "$log"
    printf '             %s FAILED (exit code %s): %s\n' "$part" "$status" "$log"
  fi
}

# All targets, each for the same time.
fuzz_all() {
  each=$(($1 * 2 / 7))  # seven targets, two at a time
  [ "$each" -ge 5 ] || each=5
  export STDBIND_FUZZ_SECONDS=$each
  run fuzz '/^[0-9]*% tests passed/p' ctest --test-dir build/fuzz -L fuzz -j2 --output-on-failure
}

race_until() {
  while :; do
    run race '/^reads/p' env STDBIND_RACE_ROUNDS=400 "$tsan/unit_race"
    [ "$failed_race" = 0 ] && [ "$(now)" -lt "$1" ] || break
  done
}

for program in "$release/fault-loop" "$tsan/unit_race" "$release/kill-test" "$release/model_test" \
  $(for target in $targets; do echo "$fuzz/fuzz_$target"; done); do
  [ -x "$program" ] || { echo "soak.sh: $program is not built: ./dev soak builds it" >&2; exit 2; }
done
"$release/build_adapters" "$PWD" "$PWD/build/release"
mkdir -p "$logs/tmp"
TMPDIR=$PWD/$logs/tmp  # on a disk, not in memory
export TMPDIR

while [ "$(left)" -gt 0 ]; do
  span=$(left)
  [ "$span" -le 1200 ] || span=1200
  run fault '$p' "$release/fault-loop" 1500
  race_until $(($(now) + span / 10))
  rounds=1000
  [ "$span" -ge 300 ] || rounds=150
  run kill '$p' "$release/kill-test" "$rounds" "$seed"
  run model '/runs of/p' "$release/model_test" --root "$PWD" --build "$PWD/build/release" \
    --seed "$((seed * 1000000))" --seconds "$((span / 4))"
  rest=$((span * 2 / 5))
  [ "$(left)" -ge "$rest" ] || rest=$(left)
  fuzz_all "$rest"
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

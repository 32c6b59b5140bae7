#!/bin/sh
# Runs, checks or names the Simple toolchain: run.sh SIMPLE_REF MODULES OUT version|check|run [PROGRAM].
# The real one if STDBIND_SIMPLE names it or `simple` is on PATH, otherwise the reference interpreter SIMPLE_REF.
# The toolchain takes the place of this shell: the runner watches its process.
set -eu

usage="usage: run.sh SIMPLE_REF MODULES OUT version|check|run [PROGRAM]"
reference=${1:?"$usage"}
modules=${2:?"$usage"}
out=${3:?"$usage"}
action=${4:?"$usage"}
program=${5:-}

real=${STDBIND_SIMPLE:-$(command -v simple || true)}
if [ -n "$real" ] && ! command -v "$real" >/dev/null; then
  echo "STDBIND_SIMPLE names $real, which is no command: set it to the path of a Simple toolchain, or unset it" >&2
  exit 2
fi

# The first line of what a command says of its version.
version_of() {
  "$@" --version 2>&1 | head -n 1
}
if [ -n "$real" ]; then
  STDBIND_SIMPLE_VERSION="$(version_of "$real") ($real)"
else
  STDBIND_SIMPLE_VERSION=$(version_of "$reference")
fi
export STDBIND_SIMPLE_VERSION

case $action in
  version) echo "$STDBIND_SIMPLE_VERSION"; exit 0 ;;
  check | run) [ -n "$program" ] || { echo "$usage" >&2; exit 2; } ;;
  *) echo "$usage" >&2; exit 2 ;;
esac

if [ -z "$real" ]; then
  [ "$action" = run ] || exec "$reference" check "$modules" "$(dirname "$program")"
  exec "$reference" run --path "$modules" "$program"
fi

# The real toolchain finds modules in the src folder of a project: check puts one together, and run uses it.
project=$out/project
if [ "$action" = check ]; then
  rm -rf "$project"
  mkdir -p "$project/src"
  cp -R "$modules"/* "$(dirname "$program")"/*.spl "$project/src/"
  printf 'package:\n  name: stdbind\n  version: 0.1.0\n' > "$project/simple.sdn"
  exit 0
fi
SIMPLE_EXECUTION_MODE=${SIMPLE_EXECUTION_MODE:-interpreter}
export SIMPLE_EXECUTION_MODE
exec "$real" run "$project/src/$(basename "$program")"

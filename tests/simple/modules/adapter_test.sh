#!/bin/sh
# The adapter's run.sh: adapter_test.sh RUN SIMPLE_REF MODULES OUT. It runs the toolchain that STDBIND_SIMPLE names from a
# project of its own (here simple-ref plays it, which finds modules in src as well), and says what is wrong.
set -eu
run=$1 reference=$2 modules=$3 out=$4
adapter=$(dirname "$run")/adapter.spl

expect() { # WHAT WANTED GOT
  [ "$2" = "$3" ] || { echo "$1: expected '$2', got '$3'" >&2; exit 1; }
}
talk() {
  printf '1 hello\n2 anon m=0 length=3 mode=3\n3 write_text m=0 text=%%C3%%A4x\n4 read_at m=0 offset=0 size=3\n5 nonsense\n' |
    "$run" "$@"
}
answers() { # the answers without the tool, which follows tool=
  talk "$@" | sed 's/tool=.*//' | tr '\n' ';'
}
wanted='1 ok language=simple abi=2 page='$(getconf PAGESIZE)' ;2 ok;3 ok n=3;4 ok n=3 data=c3a478;5 unsupported;'

unset STDBIND_SIMPLE
if ! command -v simple >/dev/null; then
  expect "the reference" "$wanted" "$(answers "$reference" "$modules" "$out" run "$adapter")"
  expect "its version" "$("$reference" --version)" "$("$run" "$reference" "$modules" "$out" version)"
fi

export STDBIND_SIMPLE="$reference"
rm -rf "$out"
"$run" no-reference "$modules" "$out" check "$adapter"
expect "the project" "$wanted" "$(answers no-reference "$modules" "$out" run "$adapter")"
expect "its version" "$("$reference" --version) ($reference)" "$("$run" no-reference "$modules" "$out" version)"

export STDBIND_SIMPLE=/no/such/simple
code=0
message=$("$run" "$reference" "$modules" "$out" run "$adapter" 2>&1) || code=$?
expect "exit code without the toolchain" 2 "$code"
case $message in
  *"STDBIND_SIMPLE names /no/such/simple"*) ;;
  *) expect "message without the toolchain" "STDBIND_SIMPLE names /no/such/simple" "$message" ;;
esac

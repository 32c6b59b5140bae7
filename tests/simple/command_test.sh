#!/bin/sh
# The command line of simple-ref: help, version, exit codes, and the corpus command.
# usage: command_test.sh SIMPLE_REF
set -u
simple=$1
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# expect NAME CODE PATTERN COMMAND…: the exit code, and a line of the output.
expect() {
  name=$1 code=$2 pattern=$3
  shift 3
  "$@" >"$scratch/output" 2>&1 </dev/null
  got=$?
  if [ "$got" != "$code" ]; then
    echo "FAILED $name: exit code $got, not $code"; cat "$scratch/output"; failed=1
  elif ! grep -q -e "$pattern" "$scratch/output"; then
    echo "FAILED $name: no line with '$pattern'"; cat "$scratch/output"; failed=1
  fi
}

printf 'val x = 1\n' >"$scratch/good.spl"
printf 'val x =\n' >"$scratch/bad.spl"
printf 'let x = 1\n' >"$scratch/old.spl"
head -c 4000 /dev/urandom >"$scratch/random.spl"
mkdir "$scratch/empty" "$scratch/tree" "$scratch/tree/below"
cp "$scratch/good.spl" "$scratch/tree/below/a.spl"
cp "$scratch/bad.spl" "$scratch/tree/b.spl"

expect help 0 'Examples:' "$simple" --help
expect version 0 '^simple-ref [0-9]' "$simple" --version
expect check-help 0 'parse-only' "$simple" check --help
expect no-command 2 'subcommand' "$simple"
expect unknown-command 2 "no command 'walk'" "$simple" walk
expect unknown-option 2 'not expected' "$simple" check --fast "$scratch/good.spl"
expect no-file 2 'required' "$simple" check
expect missing-file 1 'no file or directory' "$simple" check "$scratch/none.spl"
expect missing-to-run 1 'none.spl' "$simple" run "$scratch/none.spl"
expect missing-to-test 1 'none_spec.spl' "$simple" test "$scratch/none_spec.spl"
expect good 0 '^checked 1 file$' "$simple" check "$scratch/good.spl"
expect bad 1 'bad.spl:1:8: expected an expression' "$simple" check "$scratch/bad.spl"
expect random 1 'random.spl:1' "$simple" check "$scratch/random.spl"
expect random-run 1 'random.spl:1' "$simple" run "$scratch/random.spl"
expect old 1 "'let' is the old form" "$simple" check "$scratch/old.spl"
expect old-parse-only 0 '^parsed 1 of 1 files$' "$simple" check --parse-only "$scratch/old.spl"
expect directory 1 '1 error in 1 of 2 files' "$simple" check "$scratch/tree"
expect empty-directory 1 'there are no .spl files' "$simple" check "$scratch/empty"
corpus=$here/../../tools/simple/corpus.sh
export SIMPLE_REF="$simple"
expect corpus 1 '^parsed 1 of 2 files$' sh "$corpus" "$scratch/tree"
expect corpus-usage 2 'usage' sh "$corpus"
expect corpus-missing 2 'no directory' sh "$corpus" "$scratch/none"
exit $failed

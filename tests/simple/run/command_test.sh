#!/bin/sh
# What simple-ref answers to arguments, paths, exit codes and broken files. Usage: command_test.sh SIMPLE_REF SCRATCH
set -u
simple=$1
scratch=$2
failures=0
rm -rf "$scratch"
mkdir -p "$scratch/library/tools" "$scratch/specs/deep" "$scratch/empty"

# expect NAME CODE TEXT COMMAND…: the exit code, and a text that the output has.
expect() {
  name=$1 code=$2 text=$3
  shift 3
  output=$("$@" 2>&1 </dev/null)
  got=$?
  if [ "$got" -ne "$code" ] || ! printf '%s\n' "$output" | grep -qF -e "$text"; then
    failures=$((failures + 1))
    printf 'FAILED %s: exit code %s, wanted %s and "%s" in:\n%s\n' "$name" "$got" "$code" "$text" "$output"
  fi
}

cat >"$scratch/args.spl" <<'SPL'
extern fn sys_get_args() -> [text]
fn main() -> i64:
    val words = sys_get_args()
    print(words.join("|"))
    words.len()
SPL
expect "program arguments" 2 "one|two words" "$simple" run "$scratch/args.spl" one "two words"

printf 'print("a")\nexit(7)\nprint("b")\n' >"$scratch/exit.spl"
expect "exit" 7 "a" "$simple" run "$scratch/exit.spl"
printf 'fn main() -> Result<i64, text>:\n    Err("no")\n' >"$scratch/err.spl"
expect "main gives Err" 1 "" "$simple" run "$scratch/err.spl"

printf 'fn tool() -> i64: 5\n' >"$scratch/library/tools/hammer.spl"
printf 'use tools.hammer.{tool}\nprint("tool {tool()}")\n' >"$scratch/uses.spl"
printf 'use std.tools.hammer.{tool}\nprint("std tool {tool()}")\n' >"$scratch/uses_std.spl"
expect "module not found" 1 "uses.spl:1:1: there is no module tools.hammer" "$simple" run "$scratch/uses.spl"
expect "--path" 0 "tool 5" "$simple" run --path "$scratch/library" "$scratch/uses.spl"
expect "--path twice" 0 "std tool 5" \
  "$simple" run --path "$scratch/empty" --path "$scratch/library" "$scratch/uses_std.spl"
expect "STDBIND_SIMPLE_PATH" 0 "tool 5" \
  env STDBIND_SIMPLE_PATH="$scratch/empty:$scratch/library" "$simple" run "$scratch/uses.spl"

expect "no such file" 1 "missing.spl" "$simple" run "$scratch/missing.spl"
expect "a directory" 1 "" "$simple" run "$scratch"
expect "no file named" 2 "" "$simple" run
head -c 2000 /dev/urandom >"$scratch/random.spl"
expect "random bytes" 1 "random.spl" "$simple" run "$scratch/random.spl"

cat >"$scratch/specs/one_spec.spl" <<'SPL'
use std.spec.{describe, it, expect}
describe "one":
    it "holds":
        expect(1).to_equal(1)
SPL
cp "$scratch/specs/one_spec.spl" "$scratch/specs/deep/two_test.spl"
cp "$scratch/specs/one_spec.spl" "$scratch/specs/not_run.spl"
cd "$scratch" || exit 1
expect "a directory of specs" 0 "Results: 2 total, 2 passed, 0 failed" "$simple" test specs
expect "one spec" 0 "1 example, 0 failures" "$simple" test specs/one_spec.spl
expect "run of a spec" 0 "Results: 1 total, 1 passed, 0 failed" "$simple" run specs/one_spec.spl
expect "an absolute path" 1 "absolute" "$simple" test "$scratch/specs"
expect "no specs" 1 "Results: 0 total" "$simple" test empty
expect "no such directory" 1 "nowhere" "$simple" test nowhere
printf 'use std.spec.{describe}\ndescribe "x":\n    val n = 1 / 0\n' >specs/broken_spec.spl
expect "a spec that breaks" 1 "Results: 3 total, 2 passed, 1 failed" "$simple" test specs
if "$simple" test specs/one_spec.spl | grep -q "$(printf '\033')"; then
  echo "FAILED colours without a terminal"
  failures=$((failures + 1))
fi

[ "$failures" -eq 0 ] || exit 1
echo "all as expected"

#!/bin/sh
# The options of `stdbind conform`: exit codes and what is said. Arguments: the command, the folder tests/conformance.
set -u
command=$1
tests=$2
work=$(mktemp -d "$PWD/conform-command-XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

# expect CODE TEXT ARGUMENTS…: the exit code, and a text that the output must have.
expect() {
  code=$1 text=$2
  shift 2
  "$command" conform "$@" >"$work/out" 2>&1
  found=$?
  if [ $found != "$code" ] || ! grep -qF -- "$text" "$work/out"; then
    printf 'FAILED: conform %s\n  exit code %s, expected %s, with the text: %s\n' "$*" $found "$code" "$text"
    sed 's/^/  | /' "$work/out" | head -20
    failed=1
  fi
}

expect 2 '--nonsense' --nonsense
expect 2 'there is no language `klingon` (known: c, ' --language klingon
expect 2 'there is no platform `moon` (known: aarch64, i686, windows)' --platform moon
mkdir -p "$work/elsewhere/tests/conformance"
cp -r "$tests/platforms" "$work/elsewhere/tests/conformance"
expect 2 'is not built: ./dev platforms i686' --platform i686 --root "$work/elsewhere"
expect 2 'matches no case' --case 'nowhere/*' --language c
expect 2 '--timeout: Value soon not in range' --timeout soon
expect 2 'nosuch' --pack "$work/nosuch"
expect 2 'is no build directory' --build "$work"
expect 2 'choose another by --work' --work /proc/nowhere --language c
expect 0 'read/whole-file' --list --case 'read/*'
expect 0 'matrix: 1 cases x 2 languages: 2 passed, 0 failed, 0 unsupported, 0 known-failing' \
  --language c --language cpp --case read/whole-file
expect 0 'pairs: 1 cases x 4 pairs: 4 passed, 0 failed' --language c,cpp --case share/write-is-seen
expect 0 'matrix: 1 cases x 2 languages: 2 passed' --language c,cpp --case share/write-is-seen --pairs none -j 1
if grep -q 'pairs:' "$work/out"; then
  echo 'FAILED: --pairs none runs pairs'
  failed=1
fi
expect 0 '| writer \ reader | c | cpp |' --language c,cpp --case share/write-is-seen --markdown -
expect 2 '--pairs: one not in {' --pairs one
expect 2 'it goes without --peer' --language c --pairs all --peer cpp
expect 1 'fail: liar+c: share/write-is-seen' --language c,liar --case share/write-is-seen
expect 1 'fail: liar: read/whole-file' --language liar --case read/whole-file
expect 0 '| **all** | 1/1 |' --language c --case read/whole-file --markdown -
expect 0 'Exit codes: 0 all is as it should be' --help
expect 0 'matrix:' --language c --case read/whole-file --json "$work/report.json"
python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$work/report.json" || failed=1
expect 2 'cannot be written' --language c --case read/whole-file --json "$work/no/report.json"

# A pack from outside, and its mistakes.
mkdir "$work/pack" "$work/bad"
printf '[conformance]\nadapter = "adapter.toml"\n' >"$work/pack/pack.toml"
printf 'language = "outsider"\n[start]\ncommand = ["python3", "%s/bad-adapters/adapter.py", "none"]\n' "$tests" >"$work/pack/adapter.toml"
mkdir "$work/small"
printf 'case one/page\n  do page_size -> n=4096\n' >"$work/small/one.case"
expect 0 'outsider: 1 passed, 0 failed' --pack "$work/pack" --language outsider --suite "$work/small"
printf '[conformance]\nadaptor = "adapter.toml"\n' >"$work/bad/pack.toml"
expect 2 'needs adapter =' --pack "$work/bad" --language c

# A wrong case file is told before anything runs.
mkdir "$work/suite"
printf 'case one/two\n  do fly\n' >"$work/suite/one.case"
expect 2 'one.case:2: `fly` is no operation' --suite "$work/suite" --language c
printf 'case one/two\n  do live -> n=0\n  outside fill-disk rest 0\n' >"$work/suite/one.case"
expect 2 'one.case:3: fill-disk fills a tmpfs that the case has made' --suite "$work/suite" --language c
exit $failed

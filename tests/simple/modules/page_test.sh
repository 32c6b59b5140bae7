#!/bin/sh
# The programs of a page do what it says: page_test.sh SIMPLE_REF MODULES PAGE FOLDER. Each block between ``` lines that has
# a main is run in the folder; its output must be what stands behind "# prints" in it, line by line.
set -eu
reference=$1 modules=$2 page=$3 folder=$4
rm -rf "$folder"
mkdir -p "$folder"
awk -v folder="$folder" '
  /^```$/ { inside = !inside; if (inside) ++count; next }
  inside { print > (folder "/block" count ".spl") }
' "$page"
cd "$folder"
programs=0
for block in block*.spl; do
  case $(head -n 1 "$block") in
    use\ *) "$reference" check --path "$modules" "$block" >checked.txt || { cat checked.txt; exit 1; } ;;
  esac
  grep -q '^fn main():' "$block" || continue
  programs=$((programs + 1))
  sed -n 's/.*# prints //p' "$block" >expected.txt
  "$reference" run --path "$modules" "$block" >printed.txt
  diff -u expected.txt printed.txt || { echo "$page: the program in $folder/$block prints something else" >&2; exit 1; }
done
[ "$programs" -ge 5 ] || { echo "$page has only $programs programs" >&2; exit 1; }

#!/bin/sh
# Writes everything that is committed as generated. Usage: generate.sh STDBIND [ROOT]: the built command, and the folder
# to write below (default: the project itself). A second run changes nothing.
set -eu
absolute() { case $1 in /*) printf %s "$1" ;; *) printf %s "$PWD/$1" ;; esac; }
stdbind=$(absolute "$1")
to=${2:+$(absolute "$2")}
cd "$(dirname "$0")/../.."
to=${to:-.}
abi="--name stdbind --flat --include core/include --interface core/include/stdbind/abi.h"

"$stdbind" generate $abi --table "$to/core/src/api_table.cpp"
"$stdbind" generate $abi --language mojo --out "$to/stdlib/mojo/mmap" --file _stdbind.mojo
"$stdbind" generate $abi --language simple --out "$to/stdlib/simple/sys" --file stdbind_abi.spl

#!/bin/sh
# Parses every .spl file below a directory: the first error of each file that fails, last `parsed N of M files`.
# usage: corpus.sh DIRECTORY    (SIMPLE_REF names the interpreter; default: the one of the release build)
set -u
if [ $# -ne 1 ]; then
  echo "usage: ./dev simple-corpus DIRECTORY" >&2
  exit 2
fi
if [ ! -d "$1" ]; then
  echo "simple-corpus: there is no directory '$1'" >&2
  exit 2
fi
simple=${SIMPLE_REF:-$(dirname "$0")/../../build/release/bin/simple-ref}
if [ ! -x "$simple" ]; then
  echo "simple-corpus: '$simple' is not built: run cmake --build --preset release --target simple-ref" >&2
  exit 1
fi
exec "$simple" check --parse-only "$1"

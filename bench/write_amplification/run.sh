#!/bin/sh
# Bytes written for sparse changes, against the pages that they touch. The file lies in the build directory: on a disk.
set -eu
build=${1:?usage: run.sh BUILD_DIRECTORY}
folder=$(mktemp -d "$build/write_amplification.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$build/bin/write_amplification" "$folder/file"

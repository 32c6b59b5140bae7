#!/bin/sh
# Whole files into memory of one's own, against what programs do without stdbind. The least of a series is compared.
# usage: run.sh BUILD_DIRECTORY [--quick|--full]: --full reads 1 GiB too, which takes 2 GiB of memory
set -eu
build=$(cd "${1:?usage: run.sh BUILD_DIRECTORY [--quick|--full]}" && pwd)
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 "$build/bin/owned_reads" "$folder" "$@"

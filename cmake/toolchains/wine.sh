#!/bin/sh
# Runs a Windows program under wine, without a window or wine's own messages. Files are opened by wine's server with
# the server's rights: so a process with fewer rights than others gets a server, and a prefix, of its own.
here=$(cd "$(dirname "$0")/../.." && pwd)
rights=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
export WINEPREFIX="${WINEPREFIX:-$here/.toolchain/wine/$(id -u)-$rights}"
export WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=" DISPLAY=

if [ ! -d "$WINEPREFIX" ]; then
  mkdir -p "$(dirname "$WINEPREFIX")"
  # Made once, by one process, and to its end even if this one is killed meanwhile: half a prefix is of no use.
  # Making one takes long; another shares its files, which wine only ever replaces as a whole.
  flock "$(dirname "$WINEPREFIX")" setsid --wait sh -c '
    [ ! -d "$WINEPREFIX" ] || exit 0
    prefix=$WINEPREFIX
    export WINEPREFIX="$prefix.part"
    rm -rf "$WINEPREFIX"
    other=$(find "$(dirname "$prefix")" -mindepth 1 -maxdepth 1 -type d -name "$(id -u)-*" | head -n 1)
    if [ -n "$other" ]; then cp -al "$other" "$WINEPREFIX"; else wine wineboot --init && wineserver -w; fi
    mv "$WINEPREFIX" "$prefix"' </dev/null >/dev/null 2>&1
fi
# wine's server ends a few seconds after the last program, and one that is started meanwhile fails. So it stays for a
# minute; what else wine starts with it must not keep the output of this program open. -o: nor the server the lock.
flock -o "$(dirname "$WINEPREFIX")" sh -c 'wineserver -p60 && wine wineboot' </dev/null >/dev/null 2>&1
exec wine "$@"

"""Adds up the bytes of a file while a thread of the library still loads it.

    mojo run -I stdlib/mojo examples/mojo/load.mojo FILE
"""

from std.sys import argv

from mmap import Mmap, MmapErrorKind, Prefault, error_kind


def sum_bytes(bytes: Span[Byte, _]) -> UInt64:
    var sum: UInt64 = 0
    for byte in bytes:
        sum += UInt64(byte)
    return sum


def is_loaded(prefault: Prefault) raises -> Bool:
    """Waits a little for the rest."""
    try:
        prefault.wait(timeout_ms=1)
        return True
    except e:
        if error_kind(e) != MmapErrorKind.TIMEOUT:
            raise e^
        return False


def main() raises:
    var map = Mmap(argv()[1])
    var sum: UInt64 = 0
    var seen = 0
    with map.prefault() as prefault:
        var last = False
        while not last:
            last = is_loaded(prefault)
            var done = prefault.done()
            sum += sum_bytes(map.as_span()[seen:done])
            seen = done
    print(sum)

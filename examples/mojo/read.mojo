"""Counts the lines of a file, and shows its end, without reading it in.

    mojo run -I stdlib/mojo examples/mojo/read.mojo FILE
"""

from std.os import SEEK_END
from std.sys import argv

from mmap import Mmap, MmapAdvice


def main() raises:
    with Mmap(argv()[1]) as map:
        map.advise(MmapAdvice.SEQUENTIAL)
        var lines = 0
        for byte in map.as_span():
            if byte == Byte(ord("\n")):
                lines += 1
        print(lines, "lines,", len(map), "bytes")

        _ = map.seek(-min(20, len(map)), SEEK_END)
        print("the end:", String(from_utf8_lossy=map.read_bytes()))

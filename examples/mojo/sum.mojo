"""Adds up the bytes of a file, 32 at a time, where they lie in memory.

    mojo run -I stdlib/mojo examples/mojo/sum.mojo FILE
"""

from std.sys import argv

from mmap import Mmap

comptime WIDTH = 32


def sum_bytes(bytes: Span[Byte, _]) -> UInt64:
    var sums = SIMD[DType.uint64, WIDTH](0)
    var whole = len(bytes) - len(bytes) % WIDTH
    for i in range(0, whole, WIDTH):
        sums += (
            bytes.unsafe_ptr().unsafe_load[width=WIDTH](i).cast[DType.uint64]()
        )
    var sum = sums.reduce_add()
    for byte in bytes[whole:]:
        sum += UInt64(byte)
    return sum


def main() raises:
    var map = Mmap(argv()[1])
    print(sum_bytes(map.as_span()))

"""Compresses and uncompresses 1 MiB through the generated binding of zlib.

The numbers are those of the same program in every other language.
"""

from zlib import Api, Z_OK

comptime SIZE = 1048576


def check(code: Int64, what: String) raises:
    if code != Z_OK:
        raise Error(what, " failed with code ", code)


def fill(mut data: List[Byte]):
    """One number of a linear congruential generator, masked, every 8 bytes."""
    var words = data.unsafe_ptr().unsafe_bitcast[Int64]()
    var state: Int64 = 20261121
    for i in range(SIZE // 8):
        state = (state * 1103515245 + 12345) % 2147483648
        words[unsafe_offset=i] = state & 252645135


def main() raises:
    var zlib = Api.get()
    var data = List[Byte](length=SIZE, fill=0)
    fill(data)
    print("input: ", SIZE, " bytes, crc32 ", zlib.crc32(0, data), sep="")

    var packed_size = UInt64(zlib.compress_bound(SIZE))
    var packed = List[Byte](length=Int(packed_size), fill=0)
    check(
        zlib.compress(packed.unsafe_ptr(), Pointer(to=packed_size), data),
        "compress",
    )
    print("compressed: ", packed_size, " bytes", sep="")

    var size = UInt64(SIZE)
    var back = List[Byte](length=SIZE, fill=0)
    check(
        zlib.uncompress(
            back.unsafe_ptr(),
            Pointer(to=size),
            Span(packed)[: Int(packed_size)],
        ),
        "uncompress",
    )
    print("round trip: ", size, " bytes, crc32 ", zlib.crc32(0, back), sep="")

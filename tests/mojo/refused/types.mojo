"""What the types refuse. Each marked line is an error, and nothing else is."""

from mmap import (
    MAP_SHARED,
    MS_SYNC,
    PROT_READ,
    Mmap,
    MmapMode,
    OpenOptions,
    Protection,
)


def takes_protection(protection: Protection):
    pass


def borrows(map: Mmap) raises:
    # Whoever only borrows a mapping cannot move its bytes.
    map.resize(100)  # refused: invalid use of mutating method
    map.protect(MmapMode.NONE)  # refused: invalid use of mutating method
    _ = map.write("valid")


def main() raises:
    # Modes are flags of their own type: no strings, and none of another call.
    _ = Mmap("file", mode="READ")  # refused: value passed to 'mode'
    _ = Mmap("file", mode=MAP_SHARED)  # refused: value passed to 'mode'
    _ = Mmap("file", mode=PROT_READ)  # refused: value passed to 'mode'
    _ = Mmap("file", mode=1)  # refused: value passed to 'mode'
    takes_protection(MAP_SHARED)  # refused: 'protection'
    _ = PROT_READ | MS_SYNC  # refused: '__or__'
    _ = MmapMode.READ | PROT_READ  # refused: '__or__'
    # What else an opening does is no mode, and no number.
    _ = Mmap("f", options=MmapMode.READ)  # refused: value passed to 'options'
    _ = Mmap("file", options=1)  # refused: value passed to 'options'
    _ = Mmap("file", mode=OpenOptions.GROW)  # refused: value passed to 'mode'
    _ = MmapMode.READ | OpenOptions.GROW  # refused: '__or__'
    # Lengths and offsets are Int: no silent narrowing.
    _ = Mmap(length=Int32(4096))  # refused: value passed to 'length'
    # A mapping has one owner.
    var map = Mmap(length=10)
    var copy = map.copy()  # refused: 'copy'
    # Reading gives bytes that cannot be changed in place.
    var span = map.as_span()
    span[0] = 1  # refused: expression must be mutable
    takes_protection(PROT_READ)
    borrows(map)
    _ = map.write("valid until here")

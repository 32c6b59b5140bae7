"""Changes a file in place: every lower-case letter a-z becomes a capital, and the errors are told apart.

    mojo run -I stdlib/mojo examples/mojo/write.mojo FILE
"""

from std.sys import argv

from mmap import Mmap, MmapErrorKind, MmapMode, error_kind


def make_upper(path: String) raises:
    var map = Mmap(path, mode=MmapMode.WRITE)
    for ref byte in map.as_mut_span():
        if Byte(ord("a")) <= byte <= Byte(ord("z")):
            byte -= 32
    map.flush()  # waits until it is on the disk
    map.close()  # tells of failure, which the end of its life would not


def main() raises:
    var path = String(argv()[1])
    try:
        make_upper(path)
        print("done:", path)
    except e:
        if error_kind(e) == MmapErrorKind.NOT_FOUND:
            print("there is no file", path)
        elif error_kind(e) == MmapErrorKind.PERMISSION_DENIED:
            print("may not be written:", path)
        else:
            raise e^

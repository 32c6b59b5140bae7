"""Two processes talk through a file that both have mapped.

    mojo run -I stdlib/mojo examples/mojo/share.mojo receive FILE &
    mojo run -I stdlib/mojo examples/mojo/share.mojo send FILE "hello there"

The first byte says how long the text is; it is written last. A length of 0 means: nothing yet.
"""

from std.sys import argv
from std.time import sleep

from mmap import Mmap, MmapMode

comptime SIZE = 256


def send(path: String, text: String) raises:
    if text.byte_length() >= SIZE:
        raise Error("the text may have up to 255 bytes")
    var map = Mmap(path, mode=MmapMode.WRITE)
    _ = map.write_at(1, text.as_bytes())
    _ = map.write_at(0, [Byte(text.byte_length())])


def receive(path: String) raises:
    with open(path, "w") as file:
        file.write("\0" * SIZE)
    var map = Mmap(path)
    var length = 0
    while length == 0:
        sleep(0.01)
        length = Int(map.read_at(0, 1)[0])
    print("received:", String(from_utf8=map.read_at(1, length)))


def main() raises:
    var words = argv()
    if len(words) == 4 and words[1] == "send":
        send(String(words[2]), String(words[3]))
    elif len(words) == 3 and words[1] == "receive":
        receive(String(words[2]))
    else:
        print("usage: share receive FILE | share send FILE TEXT")

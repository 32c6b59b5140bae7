"""The package mmap, operation by operation. Runs in an empty folder of its own."""

from std.ffi import c_int, external_call
from std.io import RawFileDescriptor
from std.os import SEEK_CUR, SEEK_END, SEEK_SET, remove
from std.pathlib import Path
from std.testing import (
    TestSuite,
    assert_equal,
    assert_false,
    assert_raises,
    assert_true,
)

from mmap import (
    Mmap,
    MmapAdvice,
    MmapErrorKind,
    MmapMode,
    abi_version,
    error_kind,
    last_error_os,
    live_mappings,
    page_size,
)
from mmap._stdbind import ABI_VERSION, Api

from files import bytes, read_file, text, write_file

comptime ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def test_open_by_path() raises:
    write_file("path.txt", ALPHABET)
    assert_equal(text(Mmap("path.txt").read_bytes()), ALPHABET)
    assert_equal(len(Mmap(Path("path.txt"))), 26)
    var part = Mmap("path.txt", mode=MmapMode.READ, offset=3, length=4)
    assert_equal(text(part.read_bytes()), "defg")
    assert_equal(part.mode(), MmapMode.READ)
    write_file("tür 漢.txt", "unicode")
    assert_equal(text(Mmap("tür 漢.txt").read_bytes()), "unicode")


def test_open_by_descriptor() raises:
    write_file("fd.txt", ALPHABET)
    var file = open("fd.txt", "r")
    var by_handle = Mmap(fd=file, length=5, offset=20)
    var by_descriptor = Mmap(fd=RawFileDescriptor(file), offset=23)
    var by_number = Mmap(fd=Int(RawFileDescriptor(file).value), length=2)
    file.close()
    assert_equal(text(by_handle.read_bytes()), "uvwxy")
    assert_equal(text(by_descriptor.read_bytes()), "xyz")
    assert_equal(text(by_number.read_bytes()), "ab")
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap(fd=-1)


def test_open_anonymous() raises:
    var memory = Mmap(length=10, mode=MmapMode.WRITE)
    assert_equal(memory.read_bytes(), List[Byte](length=10, fill=0))
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap(length=0)
    with assert_raises(contains="offset must be 0, not 4096"):
        _ = Mmap(length=10, offset=4096)


def test_open_errors() raises:
    with assert_raises(contains="not_found: "):
        _ = Mmap("no such file")
    with assert_raises(contains="wrong_file_type: "):
        _ = Mmap(".")
    write_file("short.txt", "short")
    with assert_raises(contains="out_of_bounds: "):
        _ = Mmap("short.txt", length=6)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap("short.txt\0")
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap("short.txt", mode=MmapMode.WRITE | MmapMode.EXEC)


def test_error_kinds_are_the_library_s() raises:
    var api = Api.get()
    for number in range(1, 22):
        var buffer = List[Byte](length=64, fill=0)
        var size = api.error_kind_name(Int64(number), buffer.unsafe_ptr(), 64)
        buffer.shrink(Int(size))
        assert_equal(text(buffer), String(MmapErrorKind(number)))
    assert_equal(abi_version(), Int(ABI_VERSION))


def test_error_kind_of_an_error() raises:
    try:
        _ = Mmap("no such file")
    except e:
        assert_equal(error_kind(e), MmapErrorKind.NOT_FOUND)
        assert_equal(last_error_os(), 2)
    # An error of the package itself has no number, whatever failed before.
    var none = Mmap(length=10, mode=MmapMode.NONE)
    for i in range(4):
        with assert_raises(contains="not_found: "):
            _ = Mmap("no such file")
        assert_equal(last_error_os(), 2)
        try:
            if i == 0:
                _ = none.as_span()
            elif i == 1:
                _ = none.as_mut_span()
            elif i == 2:
                _ = none.read_bytes(-2)
            else:
                _ = Mmap(length=10, offset=1)
        except e:
            assert_true(error_kind(e) != MmapErrorKind.NOT_FOUND, String(e))
        assert_equal(last_error_os(), 0)
    assert_equal(error_kind(Error("closed: x")), MmapErrorKind.CLOSED)
    assert_equal(error_kind(Error("a: b")), MmapErrorKind.OTHER)


def test_cursor() raises:
    write_file("cursor.txt", ALPHABET)
    var map = Mmap("cursor.txt", mode=MmapMode.WRITE)
    assert_equal(text(map.read_bytes(3)), "abc")
    assert_equal(map.tell(), 3)
    assert_equal(map.seek(2), 2)
    assert_equal(map.seek(4, SEEK_CUR), 6)
    assert_equal(map.seek(-2, SEEK_END), 24)
    assert_equal(text(map.read_bytes(100)), "yz")
    assert_equal(len(map.read_bytes()), 0)
    assert_equal(map.seek(0, SEEK_SET), 0)
    with assert_raises(contains="out_of_bounds: "):
        _ = map.seek(27)
    with assert_raises(contains="invalid_argument: "):
        _ = map.seek(0, 3)
    with assert_raises(contains="invalid_argument: "):
        _ = map.read_bytes(-2)
    assert_equal(map.tell(), 0)


def test_write() raises:
    write_file("write.txt", ALPHABET)
    var map = Mmap("write.txt", mode=MmapMode.WRITE)
    var word: String = "ÄB"
    assert_equal(map.write(word), 3)
    assert_equal(map.write("cd"), 2)
    assert_equal(map.write(bytes("ef")), 2)
    assert_equal(map.write("a view".as_bytes()[:1]), 1)
    assert_equal(map.write_at(24, "YZ".as_bytes()), 2)
    map.close()
    assert_equal(read_file("write.txt"), "ÄBcdefaijklmnopqrstuvwxYZ")


def test_write_errors() raises:
    write_file("fixed.txt", "12345")
    var fixed = Mmap("fixed.txt")
    with assert_raises(contains="not_writable: "):
        _ = fixed.write("x")
    with assert_raises(contains="not_writable: "):
        _ = fixed.write_at(0, "x".as_bytes())
    var map = Mmap("fixed.txt", mode=MmapMode.WRITE)
    with assert_raises(contains="out_of_bounds: "):
        _ = map.write("123456")
    with assert_raises(contains="out_of_bounds: "):
        _ = map.write_at(4, "56".as_bytes())
    assert_equal(read_file("fixed.txt"), "12345")


def test_read_at() raises:
    write_file("at.txt", ALPHABET)
    var map = Mmap("at.txt")
    assert_equal(text(map.read_at(24, 2)), "yz")
    assert_equal(len(map.read_at(26, 0)), 0)
    for range in [(25, 2), (27, 0), (0, 1 << 50), (-1, 1)]:
        with assert_raises(contains="out_of_bounds: "):
            _ = map.read_at(range[0], range[1])
    var buffer = List[Byte](length=4, fill=0)
    assert_equal(map.read_at(2, buffer), 4)
    assert_equal(text(buffer), "cdef")
    assert_equal(map.read_into(Span(buffer)[1:3]), 2)
    assert_equal(text(buffer), "cabf")
    assert_equal(map.tell(), 2)


def test_large_offsets() raises:
    comptime FOUR_GIB = 4 << 30
    write_file("sparse.bin", "")
    var path: String = "sparse.bin"
    assert_equal(
        external_call["truncate", c_int](
            path.as_c_string_span(), Int64(FOUR_GIB + 10)
        ),
        0,
    )
    var map = Mmap(path, mode=MmapMode.WRITE, offset=FOUR_GIB + 1)
    assert_equal(len(map), 9)
    assert_equal(map.write("far away"), 8)
    var whole = Mmap(path)
    assert_equal(len(whole), FOUR_GIB + 10)
    assert_equal(text(whole.read_at(FOUR_GIB + 1, 8)), "far away")
    remove(path)


def test_zero_length() raises:
    write_file("empty.txt", "")
    var map = Mmap("empty.txt", mode=MmapMode.WRITE)
    assert_equal(len(map), 0)
    assert_equal(len(map.read_bytes()), 0)
    assert_equal(len(map.as_span()), 0)
    assert_equal(len(map.as_mut_span()), 0)
    assert_equal(map.write(""), 0)
    map.flush()
    map.probe()


def test_close() raises:
    var before = live_mappings()
    write_file("close.txt", "text")
    var map = Mmap("close.txt")
    assert_equal(live_mappings(), before + 1)
    assert_false(map.is_closed())
    map.close()
    assert_true(map.is_closed())
    assert_equal(live_mappings(), before)
    assert_equal(len(map), 0)
    for i in range(10):
        with assert_raises(contains="closed: "):
            if i == 0:
                map.close()
            elif i == 1:
                _ = map.read_bytes()
            elif i == 2:
                _ = map.length()
            elif i == 3:
                _ = map.mode()
            elif i == 4:
                _ = map.seek(0)
            elif i == 5:
                _ = map.as_span()
            elif i == 6:
                _ = map.pin()
            elif i == 7:
                map.flush()
            elif i == 8:
                map.advise(MmapAdvice.RANDOM)
            else:
                map.probe()


def test_with() raises:
    var before = live_mappings()
    write_file("with.txt", "text")
    with Mmap("with.txt") as map:
        assert_equal(text(map.read_bytes()), "text")
        assert_equal(live_mappings(), before + 1)
    assert_equal(live_mappings(), before)
    try:
        with Mmap("with.txt") as map:
            assert_equal(len(map), 4)
            raise Error("from within")
    except e:
        assert_equal(String(e), "from within")
    assert_equal(live_mappings(), before)


def test_destructor_and_move() raises:
    var before = live_mappings()
    write_file("move.txt", "text")
    var maps: List[Optional[Mmap]] = []
    for _ in range(5):
        maps.append(Mmap("move.txt"))
    assert_equal(live_mappings(), before + 5)
    maps[2].value().close()
    var taken = maps.pop()
    maps.clear()
    assert_equal(live_mappings(), before + 1)
    assert_equal(text(taken.value().read_bytes()), "text")
    assert_equal(live_mappings(), before)


def test_pins() raises:
    var before = live_mappings()
    var map = Mmap(length=100)
    _ = map.write("hello")
    var lent = map.pin(1, 4)
    assert_equal(len(lent), 4)
    assert_equal(
        external_call["memcmp", c_int](
            lent.unsafe_ptr(), "ello".as_bytes().unsafe_ptr(), Int(4)
        ),
        0,
    )
    with assert_raises(contains="busy: "):
        map.close()
    assert_false(map.is_closed())
    map.unpin()
    with assert_raises(contains="invalid_argument: "):
        map.unpin()
    with assert_raises(contains="out_of_bounds: "):
        _ = map.pin(1, 100)
    _ = map.pin()
    _ = map.pin()
    var last = map^
    assert_equal(len(last), 100)
    # The destructor releases the pins that are left.
    assert_equal(live_mappings(), before)


def test_spans() raises:
    write_file("span.txt", ALPHABET)
    var map = Mmap("span.txt", mode=MmapMode.WRITE)
    var span = map.as_span()
    assert_equal(span[25], Byte(ord("z")))
    # What leaves the mapping in place leaves its spans valid.
    _ = map.seek(3)
    _ = map.write("D")
    assert_equal(span[3], Byte(ord("D")))
    var writable = map.as_mut_span()
    writable[0] = Byte(ord("A"))
    writable[25] = Byte(ord("Z"))
    assert_equal(text(map.read_at(0, 4)), "AbcD")
    map.close()
    assert_equal(read_file("span.txt"), "AbcDefghijklmnopqrstuvwxyZ")


def first_byte(map: Mmap) raises -> Byte:
    var span = map.as_span()
    return span[0]


def test_span_of_argument() raises:
    write_file("argument.txt", ALPHABET)
    assert_equal(first_byte(Mmap("argument.txt")), Byte(ord("a")))


def test_span_errors() raises:
    write_file("protected.txt", "text")
    var map = Mmap("protected.txt")
    with assert_raises(contains="not_writable: "):
        _ = map.as_mut_span()
    var none = Mmap("protected.txt", mode=MmapMode.NONE)
    with assert_raises(contains="permission_denied: "):
        _ = none.as_span()
    with assert_raises(contains="permission_denied: "):
        _ = none.read_bytes()


def test_copy_on_write() raises:
    write_file("cow.txt", "text")
    var map = Mmap("cow.txt", mode=MmapMode.COW | MmapMode.WRITE)
    _ = map.write("TE")
    map.flush()
    assert_equal(text(map.read_at(0, 4)), "TExt")
    assert_equal(read_file("cow.txt"), "text")
    assert_equal(text(Mmap("cow.txt").read_bytes()), "text")


def test_exec() raises:
    var code = Mmap(length=page_size(), mode=MmapMode.WRITE)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap(length=page_size(), mode=MmapMode.WRITE | MmapMode.EXEC)
    var both = MmapMode.WRITE | MmapMode.EXEC | MmapMode.ALLOW_WX
    assert_equal(Mmap(length=page_size(), mode=both).mode(), both)
    assert_equal(len(code), page_size())


def test_flush_probe_advise() raises:
    write_file("advise.txt", ALPHABET)
    var map = Mmap("advise.txt", mode=MmapMode.WRITE)
    _ = map.write("ABC")
    map.flush(0, 3)
    map.flush()
    map.probe(10)
    for advice in [
        MmapAdvice.NORMAL,
        MmapAdvice.SEQUENTIAL,
        MmapAdvice.RANDOM,
        MmapAdvice.WILL_NEED,
        MmapAdvice.DONT_NEED,
    ]:
        map.advise(advice)
        map.advise(advice, 1, 2)
    assert_equal(text(map.read_at(0, 4)), "ABCd")
    with assert_raises(contains="out_of_bounds: "):
        map.flush(20, 10)
    with assert_raises(contains="out_of_bounds: "):
        map.probe(27)
    with assert_raises(contains="invalid_argument: "):
        map.advise(MmapAdvice(99))
    with assert_raises(contains="invalid_argument: "):
        Mmap(length=10).advise(MmapAdvice.DONT_NEED)


def test_fault() raises:
    write_file("shrinks.txt", ALPHABET)
    var map = Mmap("shrinks.txt", mode=MmapMode.WRITE)
    write_file("shrinks.txt", "")
    with assert_raises(contains="fault: "):
        _ = map.read_bytes()
    with assert_raises(contains="fault: "):
        _ = map.write("x")
    with assert_raises(contains="fault: "):
        map.probe()
    assert_equal(map.tell(), 0)


def test_processes_share_memory() raises:
    var memory = Mmap(length=4096, mode=MmapMode.WRITE)
    var child = external_call["fork", c_int]()
    if child == 0:
        try:
            _ = memory.write("from the child")
        except:
            pass
        external_call["_exit", NoneType](c_int(0))
    assert_true(child > 0)
    var status: c_int = 0
    _ = external_call["waitpid", c_int](child, Pointer(to=status), c_int(0))
    assert_equal(text(memory.read_at(0, 14)), "from the child")


def test_address_hint() raises:
    var wanted = 0x6000_0000_0000
    var map = Mmap(length=4096, address=wanted)
    assert_equal(Int(map.pin().unsafe_ptr()), wanted)
    map.unpin()


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

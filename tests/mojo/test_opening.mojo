"""The ways to a mapping besides its constructors, and the options. Runs in an empty folder of its own."""

from std.ffi import c_int, external_call
from std.io import RawFileDescriptor
from std.os import mkdir
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
    MmapMode,
    OpenOptions,
    last_error_os,
    live_mappings,
    read_direct,
    set_positioned_limit,
)

from files import read_file, text, write_file

comptime ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def close_descriptor(fd: RawFileDescriptor):
    _ = external_call["close", c_int](c_int(fd.value))


def own_name(name: String) -> String:
    """A name of shared memory that only this process uses."""
    return String("stdbind-mojo-", name, "-", external_call["getpid", c_int]())


def test_options() raises:
    write_file("options.txt", ALPHABET)
    var both = OpenOptions.POPULATE | OpenOptions.RANDOM
    var map = Mmap("options.txt", options=both)
    assert_equal(map.resident(), 26)
    assert_equal(text(map.read_bytes()), ALPHABET)
    var file = open("options.txt", "rw")
    var grow = OpenOptions.GROW
    var by_handle = Mmap(fd=file, mode=MmapMode.WRITE, options=grow)
    var descriptor = RawFileDescriptor(file)
    var by_descriptor = Mmap(fd=descriptor, options=OpenOptions.WATCH)
    var number = Int(descriptor.value)
    var by_number = Mmap(
        fd=number, mode=MmapMode.WRITE, options=OpenOptions.UPDATE
    )
    file.close()
    assert_false(by_descriptor.is_stale())
    by_handle.resize(27)
    assert_equal(by_number.update(0, "".as_bytes()), 0)
    var memory = Mmap(length=10, options=OpenOptions.POPULATE)
    assert_equal(memory.resident(), 10)


def test_option_errors() raises:
    write_file("refused.txt", ALPHABET)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap("refused.txt", options=OpenOptions(1 << 20))
    with assert_raises(contains="invalid_argument: "):
        var private = MmapMode.COW | MmapMode.WRITE
        _ = Mmap("refused.txt", mode=private, options=OpenOptions.GROW)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap("refused.txt", options=OpenOptions.HUGE)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap(length=10, options=OpenOptions.UPDATE)
    with assert_raises(contains="wrong_file_type: "):
        _ = Mmap("/dev/zero", length=4096)
    var zeroes = Mmap("/dev/zero", length=4096, options=OpenOptions.ANY_FILE)
    assert_equal(zeroes.read_at(4095, 1)[0], 0)


def test_create() raises:
    var map = Mmap.create("new.bin", length=100)
    assert_equal(len(map), 100)
    assert_equal(map.mode(), MmapMode.WRITE)
    _ = map.write_at(98, "ab".as_bytes())
    map.close()
    assert_equal(read_file("new.bin").byte_length(), 100)
    with assert_raises(contains="already_exists: "):
        _ = Mmap.create("new.bin", length=100)
    assert_equal(last_error_os(), 17)
    with assert_raises(contains="not_found: "):
        _ = Mmap.create("no folder/new.bin", length=100)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap.create(Path("other.bin"), length=-5)
    assert_false(Path("other.bin").exists())
    var empty = Mmap.create(
        Path("grown.bin"), length=0, options=OpenOptions.GROW
    )
    empty.resize(3)
    _ = empty.write("abc")
    assert_equal(read_file("grown.bin"), "abc")


def test_open_beneath() raises:
    mkdir("root")
    mkdir("root/inner")
    write_file("outside.txt", "outside")
    write_file("root/inner/file.txt", ALPHABET)
    var link: String = "root/link"
    var target: String = "inner/file.txt"
    assert_equal(
        external_call["symlink", c_int](
            target.as_c_string_span(), link.as_c_string_span()
        ),
        0,
    )
    var map = Mmap.open_beneath(
        "root",
        "inner/file.txt",
        mode=MmapMode.WRITE,
        offset=1,
        length=3,
        options=OpenOptions.WATCH,
    )
    assert_equal(text(map.read_bytes()), "bcd")
    assert_false(map.is_stale())
    var all = Mmap.open_beneath(Path("root"), Path("inner/file.txt"))
    assert_equal(len(all), 26)
    for path in ["../outside.txt", "link", "/etc/hostname"]:
        with assert_raises(contains="permission_denied: "):
            _ = Mmap.open_beneath("root", path)
    with assert_raises(contains="not_found: "):
        _ = Mmap.open_beneath("root", "missing")
    with assert_raises(contains="not_found: "):
        _ = Mmap.open_beneath("no root", "file.txt")


def test_named() raises:
    var name = own_name("named")
    var first = Mmap.create_named(name, length=100)
    try:
        _ = first.write("shared")
        with assert_raises(contains="already_exists: "):
            _ = Mmap.create_named(name, length=100)
        var second = Mmap.open_named(name)
        assert_equal(len(second), 100)
        assert_equal(text(second.read_at(0, 6)), "shared")
        var part = Mmap.open_named(
            name, mode=MmapMode.WRITE, offset=2, length=4
        )
        _ = part.write("APE!")
        assert_equal(text(second.read_at(0, 6)), "shAPE!")
        with assert_raises(contains="out_of_bounds: "):
            _ = Mmap.open_named(name, offset=101)
    finally:
        Mmap.unlink_named(name)
    # The memory stays as long as it is mapped.
    assert_equal(text(first.read_at(0, 6)), "shAPE!")
    with assert_raises(contains="not_found: "):
        Mmap.unlink_named(name)
    with assert_raises(contains="not_found: "):
        _ = Mmap.open_named(name)
    for bad in [String(""), String("a/b"), String("a\0b"), "a" * 250]:
        with assert_raises(contains="invalid_argument: "):
            _ = Mmap.create_named(bad, length=100)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap.create_named(name, length=0)


def test_sealed_and_handed_over() raises:
    var before = live_mappings()
    var memory = Mmap.open_sealed(length=100)
    _ = memory.write("sealed")
    var fd = memory.descriptor()
    # Nobody can make it shorter: a mapping of it cannot fault.
    assert_equal(external_call["ftruncate", c_int](fd.value, Int64(1)), -1)
    var other = Mmap(fd=fd, mode=MmapMode.WRITE)
    close_descriptor(fd)
    assert_equal(text(other.read_bytes(6)), "sealed")
    with assert_raises(contains="unsupported: "):
        memory.resize(50)
    with assert_raises(contains="invalid_argument: "):
        _ = Mmap.open_sealed(length=0)
    write_file("plain.txt", ALPHABET)
    with assert_raises(contains="unsupported: "):
        _ = Mmap("plain.txt").descriptor()
    other.close()
    with assert_raises(contains="closed: "):
        _ = other.descriptor()
    memory.close()
    assert_equal(live_mappings(), before)


def test_huge_memory() raises:
    var map = Mmap(length=3 << 20, options=OpenOptions.HUGE)
    assert_equal(Int(map.pin().unsafe_ptr()) % (2 << 20), 0)
    map.unpin()
    _ = map.write_at((3 << 20) - 1, "x".as_bytes())
    with assert_raises(contains="invalid_argument: "):
        var two = OpenOptions.HUGETLB_2M | OpenOptions.HUGETLB_1G
        _ = Mmap(length=2 << 20, options=two)


def test_positioned_limit() raises:
    write_file("positioned.txt", ALPHABET)
    var mapped = Mmap("positioned.txt")
    var before = set_positioned_limit(10)
    try:
        var map = Mmap("positioned.txt")
        assert_false(map.is_mapped())
        assert_true(mapped.is_mapped())
        assert_true(Mmap("positioned.txt", length=10).is_mapped())
        assert_equal(text(map.read_at(3, 4)), "defg")
        assert_equal(text(map.read_bytes()), ALPHABET)
        with assert_raises(contains="unsupported: "):
            _ = map.as_span()
        with assert_raises(contains="unsupported: "):
            _ = map.pin()
        with assert_raises(contains="unsupported: "):
            _ = map.prefault()
        with assert_raises(contains="invalid_argument: "):
            _ = set_positioned_limit(-2)
        assert_equal(set_positioned_limit(20), 10)
    finally:
        _ = set_positioned_limit(before)
    assert_true(Mmap("positioned.txt").is_mapped())


def test_read_direct() raises:
    # A file that is on a disk, wherever the temporary folder lies.
    comptime PROGRAM = "/proc/self/exe"
    var program = Mmap(PROGRAM)
    var memory = Mmap(length=8192)
    var buffer = memory.as_mut_span()
    for size in [0, 4096, 8192]:
        assert_equal(read_direct(PROGRAM, 0, buffer[:size]), size)
        assert_true(Span(program.read_at(0, size)) == buffer[:size])
    assert_equal(read_direct(Path(PROGRAM), 4096, buffer), 8192)
    assert_true(Span(program.read_at(4096, 8192)) == buffer)
    # Fewer at the end, and none behind it.
    var rest = len(program) % 4096
    var last = len(program) - rest
    assert_equal(read_direct(PROGRAM, last, buffer), rest)
    assert_true(Span(program.read_at(last, rest)) == buffer[:rest])
    assert_equal(read_direct(PROGRAM, last + 4096, buffer), 0)


def test_read_direct_errors() raises:
    write_file("short.txt", ALPHABET)
    var memory = Mmap(length=8192)
    var buffer = memory.as_mut_span()
    with assert_raises(contains="invalid_argument: "):
        _ = read_direct("short.txt", 1, buffer)
    with assert_raises(contains="invalid_argument: "):
        _ = read_direct("short.txt", 0, buffer[:100])
    with assert_raises(contains="invalid_argument: "):
        _ = read_direct("short.txt", 0, buffer[1:4097])
    with assert_raises(contains="out_of_bounds: "):
        _ = read_direct("short.txt", -4096, buffer)
    with assert_raises(contains="not_found: "):
        _ = read_direct("missing.txt", 0, buffer)


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

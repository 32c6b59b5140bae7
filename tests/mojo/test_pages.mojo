"""Resizing, protecting, locking and updating a mapping. Runs in an empty folder of its own."""

from std.os import remove
from std.testing import (
    TestSuite,
    assert_equal,
    assert_false,
    assert_raises,
    assert_true,
)

from mmap import (
    Mmap,
    MmapErrorKind,
    MmapMode,
    OpenOptions,
    error_kind,
    last_error_os,
    page_size,
)

from files import read_file, text, write_file

comptime ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def test_resize_a_file() raises:
    write_file("resize.txt", ALPHABET)
    var map = Mmap("resize.txt", mode=MmapMode.WRITE, options=OpenOptions.GROW)
    _ = map.seek(20)
    map.resize(10_000)
    assert_equal(len(map), 10_000)
    assert_equal(map.tell(), 20)
    assert_equal(map.write_at(9_998, "yz".as_bytes()), 2)
    # What follows the length of the mapping: reading to the end, and at an offset.
    assert_equal(len(map.read_bytes()), 9_980)
    assert_equal(text(map.read_at(9_998, 2)), "yz")
    assert_equal(len(map.as_span()), 10_000)
    map.resize(5)
    assert_equal(map.tell(), 5)
    assert_equal(text(map.read_at(0, 5)), "abcde")
    with assert_raises(contains="out_of_bounds: "):
        _ = map.read_at(0, 6)
    map.resize(7)
    map.close()
    assert_equal(read_file("resize.txt"), "abcde\0\0")
    with assert_raises(contains="closed: "):
        map.resize(5)


def test_resize_memory() raises:
    var map = Mmap(length=10, mode=MmapMode.COW | MmapMode.WRITE)
    _ = map.write("0123456789")
    map.resize(3 * page_size())
    assert_equal(text(map.read_at(0, 10)), "0123456789")
    map.resize(4)
    map.resize(8)
    assert_equal(text(map.read_at(0, 8)), "0123\0\0\0\0")
    with assert_raises(contains="invalid_argument: "):
        map.resize(0)


def test_resize_errors() raises:
    write_file("fixed.txt", ALPHABET)
    var map = Mmap("fixed.txt", mode=MmapMode.WRITE)
    with assert_raises(contains="unsupported: "):
        map.resize(100)
    assert_equal(len(map), 26)
    assert_equal(len(map.read_bytes()), 26)
    with assert_raises(contains="unsupported: "):
        var shared = Mmap(length=10)
        shared.resize(20)
    var grows = Mmap("fixed.txt", options=OpenOptions.GROW)
    with assert_raises(contains="out_of_bounds: "):
        grows.resize(27)
    with assert_raises(contains="invalid_argument: "):
        grows.resize(-1)
    _ = grows.pin()
    with assert_raises(contains="busy: "):
        grows.resize(5)
    grows.unpin()
    grows.resize(5)
    assert_equal(text(grows.read_bytes()), "abcde")
    assert_equal(read_file("fixed.txt"), ALPHABET)


def test_protect() raises:
    write_file("protect.txt", ALPHABET)
    var map = Mmap("protect.txt", mode=MmapMode.WRITE)
    _ = map.write("A")
    map.protect(MmapMode.READ)
    assert_equal(map.mode(), MmapMode.READ)
    with assert_raises(contains="not_writable: "):
        _ = map.write("B")
    with assert_raises(contains="not_writable: "):
        _ = map.as_mut_span()
    map.protect(MmapMode.NONE)
    with assert_raises(contains="permission_denied: "):
        _ = map.read_at(0, 1)
    with assert_raises(contains="permission_denied: "):
        _ = map.as_span()
    map.protect(MmapMode.WRITE)
    map.as_mut_span()[1] = Byte(ord("B"))
    assert_equal(text(map.read_at(0, 3)), "ABc")


def test_protect_errors() raises:
    write_file("unprotected.txt", ALPHABET)
    var map = Mmap("unprotected.txt")
    with assert_raises(contains="permission_denied: "):
        map.protect(MmapMode.WRITE)
    with assert_raises(contains="invalid_argument: "):
        map.protect(MmapMode.WRITE | MmapMode.EXEC)
    with assert_raises(contains="invalid_argument: "):
        map.protect(MmapMode(64))
    _ = map.pin()
    with assert_raises(contains="busy: "):
        map.protect(MmapMode.NONE)
    map.unpin()
    assert_equal(map.mode(), MmapMode.READ)
    assert_equal(text(map.read_bytes()), ALPHABET)
    map.close()
    with assert_raises(contains="closed: "):
        map.protect(MmapMode.READ)
    with assert_raises(contains="closed: "):
        map.make_executable()


def test_make_executable() raises:
    var code = Mmap(length=page_size(), mode=MmapMode.WRITE)
    # x86-64: mov eax, 42; ret
    _ = code.write([Byte(0xB8), 42, 0, 0, 0, 0xC3])
    with assert_raises(contains="permission_denied: "):
        code.protect(MmapMode.READ | MmapMode.EXEC)
    code.make_executable()
    assert_equal(code.mode(), MmapMode.READ | MmapMode.EXEC)
    with assert_raises(contains="not_writable: "):
        _ = code.write_at(0, [Byte(0)])
    comptime Function = def() thin abi("C") -> Int64
    var address = Int(code.pin().unsafe_ptr())
    assert_equal(Pointer(to=address).unsafe_bitcast[Function]()[](), 42)
    code.unpin()


def test_lock_and_resident() raises:
    var page = page_size()
    var map = Mmap(length=4 * page)
    assert_equal(map.resident(), 0)
    _ = map.write_at(page + 10, "x".as_bytes())
    assert_equal(map.resident(), page)
    assert_equal(map.resident(page + 5, 10), 10)
    try:
        map.lock(0, 2 * page)
        assert_equal(map.resident(0, 2 * page), 2 * page)
    except e:
        # Where a process may lock nothing at all.
        assert_equal(error_kind(e), MmapErrorKind.LIMIT)
    map.unlock()
    map.unlock()
    with assert_raises(contains="out_of_bounds: "):
        map.lock(0, 4 * page + 1)
    with assert_raises(contains="out_of_bounds: "):
        map.unlock(-1, 1)
    with assert_raises(contains="invalid_argument: "):
        _ = map.resident(0, -2)
    with assert_raises(contains="permission_denied: "):
        Mmap(length=page, mode=MmapMode.NONE).lock()
    map.close()
    with assert_raises(contains="closed: "):
        map.lock()
    with assert_raises(contains="closed: "):
        map.unlock()
    with assert_raises(contains="closed: "):
        _ = map.resident()
    with assert_raises(contains="closed: "):
        _ = map.is_mapped()


def test_update() raises:
    write_file("update.txt", ALPHABET)
    var map = Mmap(
        "update.txt", mode=MmapMode.WRITE, options=OpenOptions.UPDATE
    )
    assert_equal(map.update(3, "DEF".as_bytes()), 3)
    assert_equal(read_file("update.txt"), "abcDEFghijklmnopqrstuvwxyz")
    assert_equal(text(map.read_at(2, 5)), "cDEFg")
    assert_equal(map.update(26, "".as_bytes()), 0)
    with assert_raises(contains="out_of_bounds: "):
        _ = map.update(25, "ZZ".as_bytes())
    with assert_raises(contains="out_of_bounds: "):
        _ = map.update(-1, "A".as_bytes())
    with assert_raises(contains="unsupported: "):
        _ = Mmap("update.txt", mode=MmapMode.WRITE).update(0, "A".as_bytes())
    with assert_raises(contains="not_writable: "):
        var fixed = Mmap("update.txt", options=OpenOptions.UPDATE)
        _ = fixed.update(0, "A".as_bytes())
    map.close()
    with assert_raises(contains="closed: "):
        _ = map.update(0, "A".as_bytes())
    assert_equal(read_file("update.txt"), "abcDEFghijklmnopqrstuvwxyz")


def test_flush_async() raises:
    write_file("async.txt", ALPHABET)
    var map = Mmap("async.txt", mode=MmapMode.WRITE, options=OpenOptions.UPDATE)
    _ = map.write("ABC")
    map.flush_async(0, 3)
    map.flush_async()
    assert_equal(read_file("async.txt"), "ABCdefghijklmnopqrstuvwxyz")
    with assert_raises(contains="out_of_bounds: "):
        map.flush_async(20, 10)
    with assert_raises(contains="invalid_argument: "):
        map.flush_async(0, -2)
    map.close()
    with assert_raises(contains="closed: "):
        map.flush_async()
    with assert_raises(contains="unsupported: "):
        Mmap("async.txt", mode=MmapMode.WRITE).flush_async()


def test_stale() raises:
    write_file("watch.txt", ALPHABET)
    var strict = OpenOptions.WATCH | OpenOptions.STRICT
    var watched = Mmap("watch.txt", options=OpenOptions.WATCH)
    var strictly = Mmap("watch.txt", options=strict)
    assert_false(watched.is_stale())
    assert_equal(text(strictly.read_bytes(3)), "abc")
    with open("watch.txt", "rw") as file:
        file.write("ABC")
    assert_true(watched.is_stale())
    assert_true(watched.is_stale())
    assert_equal(text(watched.read_bytes(4)), "ABCd")
    with assert_raises(contains="stale: "):
        _ = strictly.read_at(0, 1)
    assert_equal(last_error_os(), 0)
    with assert_raises(contains="unsupported: "):
        _ = Mmap("watch.txt").is_stale()
    watched.close()
    with assert_raises(contains="closed: "):
        _ = watched.is_stale()


def test_removed_file_is_stale() raises:
    write_file("removed.txt", ALPHABET)
    var map = Mmap("removed.txt", options=OpenOptions.WATCH)
    remove("removed.txt")
    assert_true(map.is_stale())
    assert_equal(text(map.read_bytes()), ALPHABET)


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

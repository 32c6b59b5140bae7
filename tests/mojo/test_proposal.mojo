"""The Mojo mmap proposal: each example and anti-pattern in today's Mojo.

What changed: `alias`, `fn` and `FileDescriptor` are gone, lengths are `Int`, modes are
flags instead of strings, text is made from bytes by name, and a file is opened for
reading and writing by `"rw"`, as `open` refuses `"r+"`. Runs in an empty folder.
"""

from std.testing import TestSuite, assert_equal, assert_raises, assert_true

from mmap import (
    MAP_ANONYMOUS,
    MAP_PRIVATE,
    MAP_SHARED,
    PROT_EXEC,
    PROT_NONE,
    PROT_READ,
    PROT_WRITE,
    Mmap,
    MmapMode,
    live_mappings,
    page_size,
)

comptime TEXT = "twenty-four bytes long.\n"


def write_test_file() raises:
    with open("./test.txt", "w") as file:
        file.write(TEXT)


def test_mode_example() raises:
    var mode = MmapMode.READ  # Read-only access
    assert_equal(mode.protection(), PROT_READ)


def test_read_only_example() raises:
    write_test_file()
    var fd = open("./test.txt", "r")
    var length = 24
    var mmap = Mmap(fd=fd, length=length, offset=0, mode=MmapMode.READ)

    # Read the entire file as a String
    assert_equal(String(from_utf8=mmap.read_bytes()), TEXT)

    mmap.close()


def test_read_write_example() raises:
    write_test_file()
    var fd = open("./test.txt", "rw")
    var length = 24
    var mmap = Mmap(fd=fd, length=length, offset=0, mode=MmapMode.WRITE)

    # Read the current content
    assert_equal(String(from_utf8=mmap.read_bytes()), TEXT)

    # Write new content: reading moved the cursor to the end
    with assert_raises(contains="out_of_bounds: "):
        _ = mmap.write("hello world")
    _ = mmap.seek(0)
    _ = mmap.write("hello world")

    # Close the mapping
    mmap.close()
    with open("./test.txt", "r") as file:
        assert_equal(file.read(), "hello world" + TEXT[byte=11:])


def test_anti_pattern_not_closing() raises:
    write_test_file()
    var fd = open("./test.txt", "r")
    var mmap = Mmap(fd=fd, length=24, offset=0, mode=MmapMode.READ)
    assert_equal(len(mmap.read_bytes()), 24)
    # No close: it is unmapped after its last use all the same.
    assert_equal(live_mappings(), 0)


def test_anti_pattern_using_a_closed_map() raises:
    write_test_file()
    var mmap = Mmap(
        fd=open("./test.txt", "r"), length=24, offset=0, mode=MmapMode.READ
    )
    mmap.close()
    with assert_raises(contains="closed: "):
        _ = mmap.read_bytes()
    assert_true(mmap.is_closed())

    # Correct: closed when all is done
    mmap = Mmap(
        fd=open("./test.txt", "r"), length=24, offset=0, mode=MmapMode.READ
    )
    assert_equal(String(from_utf8=mmap.read_bytes()), TEXT)
    mmap.close()


def test_anti_pattern_file_not_opened_for_the_mode() raises:
    write_test_file()
    var fd = open("./test.txt", "r")
    with assert_raises(contains="permission_denied: "):
        _ = Mmap(fd=fd, length=24, offset=0, mode=MmapMode.WRITE)

    # Correct: a file that is opened for reading and writing
    fd = open("./test.txt", "rw")
    var mmap = Mmap(fd=fd, length=24, offset=0, mode=MmapMode.WRITE)
    assert_equal(mmap.write("yes"), 3)


def test_opening_mode_of_the_proposal_is_refused() raises:
    write_test_file()
    with assert_raises():
        _ = open("./test.txt", "r+")


def test_anonymous_example() raises:
    # Create an anonymous memory mapping of 4096 bytes
    var length = 4096
    var mmap = Mmap(length=length, offset=0, mode=MmapMode.WRITE)

    # Use the memory mapping
    _ = mmap.write("data to be shared between processes")
    _ = mmap.seek(8)
    assert_equal(String(from_utf8=mmap.read_bytes(12)), "be shared be")

    # Close when done
    mmap.close()


def test_page_alignment() raises:
    assert_true(page_size() >= 4096)
    assert_equal(page_size() & (page_size() - 1), 0)
    # Any offset and address: the library aligns.
    with open("./test.txt", "w") as file:
        file.write("x" * page_size(), TEXT)
    var mmap = Mmap(
        fd=open("./test.txt", "r"),
        length=11,
        offset=page_size() + 12,
        mode=MmapMode.READ,
        address=page_size() * 1000 + 1,
    )
    assert_equal(len(mmap), 11)
    assert_equal(String(from_utf8=mmap.read_bytes()), "bytes long.")


def test_private_changes() raises:
    write_test_file()
    # For copy on write the file needs to be readable only.
    var mmap = Mmap(
        fd=open("./test.txt", "r"),
        length=24,
        offset=0,
        mode=MmapMode.COW | MmapMode.WRITE,
    )
    _ = mmap.write("TWENTY")
    mmap.close()
    with open("./test.txt", "r") as file:
        assert_equal(file.read(), TEXT)


def test_constants_of_the_notes() raises:
    assert_equal(PROT_READ.value, 1)
    assert_equal(PROT_WRITE.value, 2)
    assert_equal(PROT_EXEC.value, 4)
    assert_equal(PROT_NONE.value, 0)
    assert_equal(MAP_SHARED.value, 1)
    assert_equal(MAP_PRIVATE.value, 2)
    assert_true(MAP_ANONYMOUS.value in [Int32(0x20), Int32(0x1000)])


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

"""The flags of the package mmap: joining, asking, text, and what the system is asked for."""

from std.testing import TestSuite, assert_equal, assert_false, assert_true

from mmap import (
    MAP_ANONYMOUS,
    MAP_PRIVATE,
    MAP_SHARED,
    MS_INVALIDATE,
    MS_SYNC,
    PROT_EXEC,
    PROT_NONE,
    PROT_READ,
    PROT_WRITE,
    MmapAdvice,
    MmapMode,
    OpenOptions,
)


def test_join_and_ask() raises:
    var mode = MmapMode.READ | MmapMode.COW
    assert_equal(mode.value, 9)
    assert_true(MmapMode.READ in mode)
    assert_true(MmapMode.COW | MmapMode.READ in mode)
    assert_false(MmapMode.WRITE in mode)
    assert_false(MmapMode.READ | MmapMode.WRITE in mode)
    assert_true(mode == MmapMode.COW | MmapMode.READ)
    assert_true(mode != MmapMode.READ)


def test_options() raises:
    var options = OpenOptions.GROW | OpenOptions.WATCH
    assert_equal(options.value, 5)
    assert_true(OpenOptions.WATCH in options)
    assert_false(OpenOptions.WATCH | OpenOptions.STRICT in options)
    assert_true(options == OpenOptions.WATCH | OpenOptions.GROW)


def test_text() raises:
    assert_equal(String(MmapMode.NONE), "NONE")
    assert_equal(String(MmapMode.WRITE), "WRITE")
    assert_equal(String(MmapMode.COW | MmapMode.READ), "READ|COW")
    assert_equal(String(MmapAdvice.WILL_NEED), "WILL_NEED")
    assert_equal(String(MmapAdvice(9)), "MmapAdvice(9)")
    assert_equal(String(PROT_EXEC), "Protection(4)")
    assert_equal(String(OpenOptions.NONE), "NONE")
    assert_equal(
        String(OpenOptions.UPDATE | OpenOptions.HUGETLB_1G), "UPDATE|HUGETLB_1G"
    )


def test_what_the_system_is_asked_for() raises:
    assert_equal(MmapMode.NONE.protection(), PROT_NONE)
    assert_equal(MmapMode.READ.protection(), PROT_READ)
    assert_equal(MmapMode.WRITE.protection(), PROT_READ | PROT_WRITE)
    assert_equal(
        (MmapMode.READ | MmapMode.EXEC).protection(), PROT_READ | PROT_EXEC
    )
    assert_equal(MmapMode.WRITE.sharing(), MAP_SHARED)
    assert_equal((MmapMode.COW | MmapMode.WRITE).sharing(), MAP_PRIVATE)


def test_system_flags() raises:
    var flags = MAP_PRIVATE | MAP_ANONYMOUS
    assert_true(MAP_ANONYMOUS in flags)
    assert_false(MAP_SHARED in flags)
    assert_true(MS_SYNC in MS_SYNC | MS_INVALIDATE)


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

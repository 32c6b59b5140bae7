"""Bringing a range into memory while the program goes on. Runs in an empty folder of its own.

The long ones are of memory that is only read: all of its pages are the same one of zeroes.
"""

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
    error_kind,
    live_mappings,
    page_size,
)

from files import text, write_file

comptime LONG = 8 << 30
comptime ZEROES = MmapMode.COW | MmapMode.READ


def test_it_loads_all() raises:
    write_file("all.txt", "0123456789" * 100_000)
    var map = Mmap("all.txt")
    var prefault = map.prefault()
    prefault.wait()
    assert_equal(prefault.done(), 1_000_000)
    assert_equal(prefault.total(), 1_000_000)
    assert_equal(map.resident(), 1_000_000)
    # It has ended: asking again answers the same, and cancelling changes nothing.
    prefault.cancel()
    prefault.wait(0)
    prefault.close()
    assert_equal(text(map.read_at(999_990, 10)), "0123456789")


def test_only_its_range() raises:
    var page = page_size()
    var map = Mmap(length=8 * page)
    var prefault = map.prefault(2 * page, 3 * page, deadline_ms=60_000)
    prefault.wait(60_000)
    assert_equal(prefault.total(), 3 * page)
    assert_equal(map.resident(), 3 * page)
    assert_equal(map.resident(2 * page, 3 * page), 3 * page)


def prefix_read_while_it_runs() raises -> Bool:
    """Whether the rest was still being loaded after the loaded prefix was read.
    """
    var map = Mmap(length=LONG, mode=ZEROES)
    with map.prefault() as prefault:
        while prefault.done() == 0:
            pass
        var done = prefault.done()
        assert_true(0 < done <= prefault.total())
        assert_equal(prefault.total(), LONG)
        assert_equal(map.as_span()[done - 1], 0)
        assert_equal(map.read_at(done - 16, 16), List[Byte](length=16, fill=0))
        try:
            prefault.wait(0)
        except e:
            assert_equal(error_kind(e), MmapErrorKind.TIMEOUT)
            assert_true("still runs" in String(e), String(e))
            return True
    return False


def test_the_loaded_prefix_is_read_while_the_rest_loads() raises:
    # The machine may be so busy that it has ended before it is asked: then again.
    for _ in range(5):
        if prefix_read_while_it_runs():
            return
    assert_true(False, "it ended each time before the prefix was read")


def test_cancel() raises:
    var before = live_mappings()
    var map = Mmap(length=LONG, mode=ZEROES)
    var prefault = map.prefault()
    assert_equal(live_mappings(), before + 2)
    prefault.cancel()
    with assert_raises(contains="cancelled: "):
        prefault.wait()
    assert_true(prefault.done() < prefault.total())
    prefault.close()
    map.close()
    assert_equal(live_mappings(), before)


def test_deadline() raises:
    var map = Mmap(length=LONG, mode=ZEROES)
    var prefault = map.prefault(deadline_ms=0)
    with assert_raises(contains="deadline"):
        prefault.wait()
    prefault.close()
    map.close()


def test_it_goes_after_its_last_use() raises:
    var before = live_mappings()
    var map = Mmap(length=LONG, mode=ZEROES)
    with map.prefault() as prefault:
        assert_equal(prefault.total(), LONG)
        assert_equal(live_mappings(), before + 2)
    assert_equal(live_mappings(), before + 1)
    _ = map.prefault()
    assert_equal(live_mappings(), before + 1)
    # Nothing keeps it busy any more.
    map.close()
    assert_equal(live_mappings(), before)


def test_kept_beside_the_mapping_it_makes_it_busy() raises:
    var map = Mmap(length=LONG, mode=ZEROES)
    var prefault = map.prefault().unsafe_origin_cast[ImmUntrackedOrigin]()
    with assert_raises(contains="busy: "):
        map.close()
    with assert_raises(contains="busy: "):
        map.resize(page_size())
    with assert_raises(contains="busy: "):
        map.protect(MmapMode.NONE)
    assert_false(map.is_closed())
    prefault.close()
    map.close()


def test_closed() raises:
    var map = Mmap(length=100)
    var prefault = map.prefault()
    prefault.close()
    for i in range(5):
        with assert_raises(contains="closed: "):
            if i == 0:
                _ = prefault.done()
            elif i == 1:
                _ = prefault.total()
            elif i == 2:
                prefault.wait()
            elif i == 3:
                prefault.cancel()
            else:
                prefault.close()


def test_bad_input() raises:
    var before = live_mappings()
    var map = Mmap(length=100)
    with assert_raises(contains="out_of_bounds: "):
        _ = map.prefault(50, 51)
    with assert_raises(contains="out_of_bounds: "):
        _ = map.prefault(-1)
    with assert_raises(contains="invalid_argument: "):
        _ = map.prefault(0, -2)
    with assert_raises(contains="invalid_argument: "):
        _ = map.prefault(deadline_ms=-2)
    with assert_raises(contains="invalid_argument: "):
        map.prefault().wait(-2)
    with assert_raises(contains="permission_denied: "):
        _ = Mmap(length=100, mode=MmapMode.NONE).prefault()
    map.close()
    with assert_raises(contains="closed: "):
        _ = map.prefault()
    assert_equal(live_mappings(), before)


def test_fault() raises:
    write_file("shrinks.txt", "x" * 100_000)
    var map = Mmap("shrinks.txt")
    write_file("shrinks.txt", "x")
    var prefault = map.prefault()
    with assert_raises(contains="fault: "):
        prefault.wait()


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

"""One mapping, used by several threads. Mojo has none of its own for everybody yet: these are the system's."""

from std.ffi import c_int, external_call
from std.testing import TestSuite, assert_equal, assert_raises

from mmap import Mmap, MmapMode, last_error_os

comptime THREADS = 4
comptime BLOCK = 4096
comptime BLOCKS = 64
comptime Argument = OpaquePointer[MutUntrackedOrigin]


struct Work(Movable):
    """What one thread shall do, and what became of it."""

    var map: Pointer[Mmap, ImmUntrackedOrigin]
    var first: Int
    var count: Int
    var error: String
    var os: Int

    def __init__(out self, ref map: Mmap, first: Int):
        self.map = rebind[Pointer[Mmap, ImmUntrackedOrigin]](Pointer(to=map))
        self.first = first
        self.count = 0
        self.error = ""
        self.os = -1


def read_blocks(argument: Argument) abi("C") -> Argument:
    """Reads every block again and again, from a place of its own on, in three ways.
    """
    ref work = argument.unsafe_bitcast[Work]()[]
    try:
        ref map = work.map[]
        var buffer = List[Byte](length=BLOCK, fill=0)
        for round in range(20):
            for i in range(BLOCKS):
                var block = (work.first + i) % BLOCKS
                if round % 3 == 0:
                    _ = map.read_at(block * BLOCK, buffer)
                elif round % 3 == 1:
                    buffer = map.read_at(block * BLOCK, BLOCK)
                else:
                    var span = map.as_span()[block * BLOCK :][:BLOCK]
                    buffer = List[Byte](span)
                if buffer == List[Byte](length=BLOCK, fill=Byte(block)):
                    work.count += 1
    except e:
        work.error = String(e)
    return argument


def write_blocks(argument: Argument) abi("C") -> Argument:
    """Writes blocks that are no other thread's."""
    ref work = argument.unsafe_bitcast[Work]()[]
    try:
        ref map = work.map[]
        for block in range(work.first, BLOCKS, THREADS):
            var bytes = List[Byte](length=BLOCK, fill=Byte(block))
            work.count += map.write_at(block * BLOCK, bytes)
    except e:
        work.error = String(e)
    return argument


def fail_in_own_way(argument: Argument) abi("C") -> Argument:
    """Fails: threads with an even number by the system, others without it."""
    ref work = argument.unsafe_bitcast[Work]()[]
    try:
        for _ in range(200):
            try:
                if work.first % 2 == 0:
                    _ = Mmap("no such file")
                else:
                    _ = work.map[].read_at(-1, 1)
            except:
                work.count += 1
            var os = last_error_os()
            if work.os == -1 or work.os == os:
                work.os = os
            else:
                work.error = String("after ", work.os, " came ", os)
    except e:
        work.error = String(e)
    return argument


def run_threads(
    function: def(Argument) thin abi("C") -> Argument, map: Mmap
) raises -> List[Work]:
    var works = List[Work](capacity=THREADS)
    for i in range(THREADS):
        works.append(Work(map, i))
    var threads = List[Int](length=THREADS, fill=0)
    for i in range(THREADS):
        var argument = (
            Pointer(to=works[i])
            .unsafe_bitcast[NoneType]()
            .unsafe_origin_cast[MutUntrackedOrigin]()
        )
        var failed = external_call["pthread_create", c_int](
            Pointer(to=threads[i]), Int(0), function, argument
        )
        assert_equal(failed, 0)
    for i in range(THREADS):
        var failed = external_call["pthread_join", c_int](threads[i], Int(0))
        assert_equal(failed, 0)
    return works^


def test_threads_write_and_read_one_mapping() raises:
    var map = Mmap.create("threads.bin", length=BLOCKS * BLOCK)
    var written = run_threads(write_blocks, map)
    for i in range(THREADS):
        assert_equal(written[i].error, "")
        assert_equal(written[i].count, BLOCKS // THREADS * BLOCK)
    var read = run_threads(read_blocks, map)
    for i in range(THREADS):
        assert_equal(read[i].error, "")
        assert_equal(read[i].count, 20 * BLOCKS)
    map.close()


def test_threads_read_what_a_prefault_loads() raises:
    var map = Mmap.create("loads.bin", length=BLOCKS * BLOCK)
    _ = run_threads(write_blocks, map)
    with map.prefault() as prefault:
        var read = run_threads(read_blocks, map)
        for i in range(THREADS):
            assert_equal(read[i].error, "")
            assert_equal(read[i].count, 20 * BLOCKS)
        prefault.wait()
    map.close()


def test_a_closed_mapping_fails_in_every_thread() raises:
    var map = Mmap(length=BLOCKS * BLOCK)
    map.close()
    var read = run_threads(read_blocks, map)
    for i in range(THREADS):
        assert_equal(read[i].count, 0)
        assert_equal(read[i].error[byte=:8], "closed: ")


def test_each_thread_has_its_own_last_error() raises:
    var map = Mmap(length=BLOCK)
    var failures = run_threads(fail_in_own_way, map)
    for i in range(THREADS):
        assert_equal(failures[i].error, "")
        assert_equal(failures[i].count, 200)
        assert_equal(failures[i].os, 2 if i % 2 == 0 else 0)


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

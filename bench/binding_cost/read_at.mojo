"""Times `Mmap.read_at` as measure.hpp does, and prints nanoseconds per call."""

from std.sys.defines import is_defined
from std.time import perf_counter_ns

from mmap import Mmap

comptime MAPPING_SIZE = 65536
comptime READ_SIZE = 16
comptime WARM_UP = 200_000
comptime CALLS = 2_000_000
comptime NAME = "linked" if is_defined["STDBIND_LINKED"]() else "loaded"


def read_many(map: Mmap, mut buffer: List[Byte], calls: Int) raises -> Int:
    var sum = 0
    for i in range(calls):
        _ = map.read_at(i * 64 & (MAPPING_SIZE - 64), buffer)
        sum += Int(buffer[0])
    return sum


def main() raises:
    var map = Mmap(length=MAPPING_SIZE)
    _ = map.write(List[Byte](length=MAPPING_SIZE, fill=Byte(ord("x"))))
    var buffer = List[Byte](length=READ_SIZE, fill=0)
    var sum = read_many(map, buffer, WARM_UP)
    var start = perf_counter_ns()
    sum += read_many(map, buffer, CALLS)
    var time = Int(perf_counter_ns() - start)
    print(NAME, Float64(time) / Float64(CALLS), sep="\t")
    if sum != (WARM_UP + CALLS) * ord("x"):
        raise Error("something else was read")

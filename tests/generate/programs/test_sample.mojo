"""Calls every kind of function through the generated binding of the sample library."""

from sample import (
    Api,
    Color,
    Level,
    TagName,
    CHARACTER,
    MAXIMUM,
    NEGATIVE,
    NULL,
    OFFSETOF_POINT_X,
    OFFSETOF_RECORD_NAME,
    OFFSETOF_RECORD_WHERE,
    REAL,
    SIZEOF_POINT,
    SIZEOF_RECORD,
    SUM,
    TEXT,
)
from std.testing import assert_equal, assert_false, assert_true, TestSuite


def test_integers_of_every_width() raises:
    var api = Api.get()
    assert_equal(api.add(1 << 62, -1), (1 << 62) - 1)
    assert_equal(api.narrow(255, -1, 65535, -2, 4294967295), -128)
    assert_equal(api.wide(-1, 1, -3, 1 << 40), 1 << 40)
    assert_equal(api.inline(41), 42)
    assert_equal(api.nothing(), 1)


def test_booleans_and_real_numbers() raises:
    var api = Api.get()
    assert_true(api.is_even(2))
    assert_false(api.is_even(3))
    assert_equal(api.mean(1.5, 2.5), 2.0)


def test_texts() raises:
    var api = Api.get()
    assert_equal(api.name(0).value(), "zero")
    assert_false(Bool(api.name(1)))
    assert_equal(api.length("four"), 4)
    assert_equal(api.length(NULL), -1)
    assert_equal(api.unnamed(1, "ab"), 3)
    assert_equal(api.compare("same", "same"), 0)
    assert_true(api.compare("a", "b") < 0)


def test_buffers() raises:
    var api = Api.get()
    var data: List[Byte] = [1, 2, 3]
    assert_equal(api.sum(data), 6)
    assert_equal(api.sum(Span(data)[1:]), 5)
    assert_equal(api.fill(data, 9), 3)
    assert_equal(data[2], 9)
    assert_equal(api.read_items(data.unsafe_ptr(), 1, 2), 2)
    assert_equal(data[1], 7)
    var value = List[Byte](length=2, fill=0)
    assert_equal(api.two(data, value), 3)
    assert_equal(value[0], 7)


def test_enumerations() raises:
    var api = Api.get()
    assert_true(api.mix(Color.BLUE, Level.HIGH, TagName(0)) == Color.BLUE)
    assert_true(api.mix(Color.RED, Level.LOW, TagName(0)) == Color.LAST)
    assert_equal(Color.GREEN.value, 2)


def test_structures() raises:
    var api = Api.get()
    var point = List[Byte](length=Int(SIZEOF_POINT), fill=0)
    var record = List[Byte](length=Int(SIZEOF_RECORD), fill=0)
    record[Int(OFFSETOF_RECORD_NAME) + 9] = 5
    var inner = Int(OFFSETOF_RECORD_WHERE + OFFSETOF_POINT_X)
    record[inner] = 40  # the lowest byte of an int
    var x = point.unsafe_ptr().unsafe_bitcast[Int32]()
    x[] = 2
    var hidden = OptionalPointer[NoneType, MutUntrackedOrigin](None)
    assert_equal(api.move(point.unsafe_ptr(), record.unsafe_ptr(), hidden), 5)
    assert_equal(x[], 42)


def test_constants() raises:
    assert_equal(SUM, 17)
    assert_equal(NEGATIVE, -5)
    assert_equal(CHARACTER, 65)
    assert_equal(MAXIMUM, -1)
    assert_equal(REAL, 1500.0)
    assert_equal(String(TEXT), 'a "quoted" {text}\n')


def main() raises:
    TestSuite.discover_tests[__functions_in_module()]().run()

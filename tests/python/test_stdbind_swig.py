"""The module that stock SWIG makes of bindings/stdbind.i: it reads and writes, and errors are negative numbers."""

import ctypes
import itertools
import os
import pathlib
import sys
import tempfile
import threading
import time
import unittest

import stdbind_swig as s


class Module(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="stdbind-test-")
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "file ü.bin")
        pathlib.Path(self.path).write_bytes(b"0123456789")
        self.live = s.stdbind_live_handles()

    def tearDown(self):
        self.assertEqual(s.stdbind_live_handles(), self.live)

    def open(self, mode=s.STDBIND_MODE_READ, path=None):
        mapping = s.stdbind_mmap_open_path(self.path if path is None else path, mode, 0, -1, 0)
        self.assertGreater(mapping, 0)
        return mapping

    def last_message(self):
        text = bytearray(1000)
        return text[: s.stdbind_last_error_message(text)].decode()

    def test_version_and_constants(self):
        self.assertEqual(s.stdbind_abi_version(), s.STDBIND_ABI_VERSION)
        self.assertEqual(s.STDBIND_ERROR_IO, 21)
        self.assertEqual(s.STDBIND_MODE_ALLOW_WX, 16)
        self.assertEqual(s.stdbind_page_size(), os.sysconf("SC_PAGE_SIZE"))

    def test_reads_into_any_writable_buffer(self):
        mapping = self.open()
        for room in (bytearray(4), memoryview(bytearray(4)), ctypes.create_string_buffer(4)):
            self.assertEqual(s.stdbind_mmap_read_at(mapping, 3, room), 4)
            self.assertEqual(bytes(room), b"3456")
        self.assertEqual(s.stdbind_mmap_read(mapping, bytearray(100)), 10)
        self.assertEqual(s.stdbind_mmap_read(mapping, bytearray(100)), 0)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)

    def test_writes_any_bytes(self):
        mapping = self.open(s.STDBIND_MODE_WRITE)
        self.assertEqual(s.stdbind_mmap_write_at(mapping, 0, b"ab"), 2)
        self.assertEqual(s.stdbind_mmap_write_at(mapping, 2, memoryview(b"cdef")[:2]), 2)
        self.assertEqual(s.stdbind_mmap_seek(mapping, -1, s.STDBIND_SEEK_END), 9)
        self.assertEqual(s.stdbind_mmap_write(mapping, bytearray(b"!")), 1)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        self.assertEqual(pathlib.Path(self.path).read_bytes(), b"abcd45678!")

    def test_paths(self):
        for path in (self.path, self.path.encode(), pathlib.Path(self.path)):
            self.assertEqual(s.stdbind_mmap_close(self.open(path=path)), 1)
        self.assertEqual(s.stdbind_mmap_open_path("a\0b", 1, 0, -1, 0), -s.STDBIND_ERROR_INVALID_ARGUMENT)

    def test_errors_are_negative_numbers(self):
        missing = os.path.join(self.folder.name, "missing")
        self.assertEqual(s.stdbind_mmap_open_path(missing, 1, 0, -1, 0), -s.STDBIND_ERROR_NOT_FOUND)
        self.assertIn("missing", self.last_message())
        mapping = self.open()
        self.assertEqual(s.stdbind_mmap_read_at(mapping, 8, bytearray(3)), -s.STDBIND_ERROR_OUT_OF_BOUNDS)
        self.assertEqual(s.stdbind_mmap_write_at(mapping, 0, b"x"), -s.STDBIND_ERROR_NOT_WRITABLE)
        self.assertEqual(s.stdbind_mmap_read(mapping, -2), -s.STDBIND_ERROR_INVALID_ARGUMENT)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        self.assertEqual(s.stdbind_mmap_read_at(mapping, 0, bytearray(1)), -s.STDBIND_ERROR_CLOSED)
        self.assertEqual(s.stdbind_mmap_close(0), -s.STDBIND_ERROR_INVALID_ARGUMENT)

    def test_fault_is_an_error(self):
        mapping = self.open()
        os.truncate(self.path, 0)
        self.assertEqual(s.stdbind_mmap_read_at(mapping, 0, bytearray(1)), -s.STDBIND_ERROR_FAULT)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)

    def test_views(self):
        mapping = self.open()
        length, address = s.stdbind_mmap_view_begin(mapping, 2, -1)
        self.assertEqual(ctypes.string_at(address, length), b"23456789")
        self.assertEqual(s.stdbind_mmap_close(mapping), -s.STDBIND_ERROR_BUSY)
        self.assertEqual(s.stdbind_mmap_view_end(mapping), 0)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        length, _ = s.stdbind_mmap_view_begin(mapping, 0, -1)
        self.assertEqual(length, -s.STDBIND_ERROR_CLOSED)

    def test_wrong_types_raise(self):
        mapping = self.open()
        with self.assertRaises(TypeError):
            s.stdbind_mmap_read_at(mapping, 0, "text")
        with self.assertRaises(BufferError):
            s.stdbind_mmap_read_at(mapping, 0, b"read-only")
        with self.assertRaises(TypeError):
            s.stdbind_mmap_read_at("1", 0, bytearray(1))
        with self.assertRaises(TypeError):
            s.stdbind_mmap_open_path(1, 1, 0, -1, 0)
        with self.assertRaises(OverflowError):
            s.stdbind_mmap_length(1 << 64)
        with self.assertRaises(OverflowError):
            s.stdbind_mmap_read(mapping, 1 << 64)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)

    def test_buffer_in_use_cannot_be_resized(self):
        # A call holds its buffer while it runs without Python's lock; afterwards it is free again.
        mapping = self.open()
        room = bytearray(4)
        self.assertEqual(s.stdbind_mmap_read_at(mapping, 0, room), 4)
        room.extend(b"more")
        self.assertEqual(sys.getrefcount(room), 2)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)

    def test_other_threads_run_during_a_call(self):
        size = 64 << 20
        with open(self.path, "wb") as file:
            file.truncate(size)
        mapping = self.open(s.STDBIND_MODE_WRITE)
        block = bytes(range(256)) * 4096
        for offset in range(0, size, len(block)):
            self.assertEqual(s.stdbind_mmap_write_at(mapping, offset, block), len(block))
        moments = []
        flushing = True

        def note_moments():
            while flushing:
                moments.append(time.perf_counter())

        interval = sys.getswitchinterval()
        self.addCleanup(sys.setswitchinterval, interval)
        sys.setswitchinterval(interval / 10)  # so that the call starts soon after the moment noted for it
        thread = threading.Thread(target=note_moments)
        thread.start()
        start = time.perf_counter()
        result = s.stdbind_mmap_flush(mapping, 0, -1)  # long: all pages are dirty
        end = time.perf_counter()
        flushing = False
        thread.join()
        self.assertEqual(result, 1)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        # Had the call kept the lock, the other thread would have stood still for nearly all of that time.
        during = [start, *(moment for moment in moments if start < moment < end), end]
        longest_stop = max(later - earlier for earlier, later in itertools.pairwise(during))
        self.assertLess(longest_stop, (end - start) / 2)


if __name__ == "__main__":
    unittest.main()

"""The module that stock SWIG makes of bindings/stdbind.i: it reads and writes, and errors are negative numbers."""

import ctypes
import itertools
import mmap
import os
import pathlib
import sys
import tempfile
import threading
import time
import tracemalloc
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

    def test_options(self):
        mapping = s.stdbind_mmap_open_path_with(self.path, s.STDBIND_MODE_WRITE, 0, -1, 0, s.STDBIND_OPEN_GROW)
        self.assertEqual(s.stdbind_mmap_resize(mapping, 12), 1)
        self.assertEqual(s.stdbind_mmap_write_at(mapping, 10, b"AB"), 2)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        self.assertEqual(pathlib.Path(self.path).read_bytes(), b"0123456789AB")
        wrong = s.stdbind_mmap_open_path_with(self.path, 1, 0, -1, 0, 1 << 20)
        self.assertEqual(wrong, -s.STDBIND_ERROR_INVALID_ARGUMENT)

    def test_created_files(self):
        new = os.path.join(self.folder.name, "new ü")
        mapping = s.stdbind_mmap_create_path(new, s.STDBIND_MODE_WRITE, 5, s.STDBIND_OPEN_NONE)
        self.assertEqual(s.stdbind_mmap_write(mapping, b"made"), 4)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        self.assertEqual(pathlib.Path(new).read_bytes(), b"made\0")
        again = s.stdbind_mmap_create_path(pathlib.Path(new), s.STDBIND_MODE_WRITE, 5, s.STDBIND_OPEN_NONE)
        self.assertEqual(again, -s.STDBIND_ERROR_ALREADY_EXISTS)

    def test_roots(self):
        folder = self.folder.name
        for root in (folder, folder.encode(), pathlib.Path(folder)):
            for path in ("file ü.bin", "file ü.bin".encode(), pathlib.Path("file ü.bin")):
                mapping = s.stdbind_mmap_open_beneath(root, path, s.STDBIND_MODE_READ, 2, 3, s.STDBIND_OPEN_NONE)
                room = bytearray(5)
                self.assertEqual(s.stdbind_mmap_read(mapping, room), 3)
                self.assertEqual(room, b"234\0\0")
                self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        outside = s.stdbind_mmap_open_beneath(folder, self.path, 1, 0, -1, 0)
        self.assertEqual(outside, -s.STDBIND_ERROR_PERMISSION_DENIED)
        for root, path in (("a\0b", "file"), (folder, "a\0b")):
            wrong = s.stdbind_mmap_open_beneath(root, path, 1, 0, -1, 0)
            self.assertEqual(wrong, -s.STDBIND_ERROR_INVALID_ARGUMENT)

    def test_names(self):
        name = f"stdbind-test-{os.getpid()}"
        shared = s.stdbind_mmap_create_named(name, s.STDBIND_MODE_WRITE, 10)
        try:
            self.assertGreater(shared, 0)
            self.assertEqual(s.stdbind_mmap_create_named(name.encode(), 2, 10), -s.STDBIND_ERROR_ALREADY_EXISTS)
            other = s.stdbind_mmap_open_named(name.encode(), s.STDBIND_MODE_READ, 0, -1)
            self.assertEqual(s.stdbind_mmap_write(shared, b"common"), 6)
            room = bytearray(6)
            self.assertEqual(s.stdbind_mmap_read(other, room), 6)
            self.assertEqual(room, b"common")
            for mapping in (shared, other):
                self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        finally:
            self.assertEqual(s.stdbind_mmap_unlink_named(pathlib.PurePosixPath(name)), 1)
        self.assertEqual(s.stdbind_mmap_unlink_named(name), -s.STDBIND_ERROR_NOT_FOUND)
        for wrong in ("", "a/b", "a\0b"):
            self.assertEqual(s.stdbind_mmap_unlink_named(wrong), -s.STDBIND_ERROR_INVALID_ARGUMENT)

    def test_descriptors(self):
        sealed = s.stdbind_mmap_open_sealed(10, s.STDBIND_MODE_WRITE)
        self.assertEqual(s.stdbind_mmap_write(sealed, b"sealed"), 6)
        descriptor = s.stdbind_mmap_descriptor(sealed)
        self.assertGreaterEqual(descriptor, 0)
        self.assertFalse(os.get_inheritable(descriptor))
        self.assertEqual(os.pread(descriptor, 10, 0), b"sealed\0\0\0\0")
        os.close(descriptor)
        self.assertEqual(s.stdbind_mmap_close(sealed), 1)
        mapping = self.open()
        self.assertEqual(s.stdbind_mmap_descriptor(mapping), -s.STDBIND_ERROR_UNSUPPORTED)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)

    def test_reads_directly_into_an_aligned_buffer(self):
        content = bytes(range(256)) * 20
        pathlib.Path(self.path).write_bytes(content)
        room = mmap.mmap(-1, 8192)
        self.addCleanup(room.close)
        self.assertEqual(s.stdbind_read_direct(self.path, 0, room), len(content))
        self.assertEqual(room[: len(content)], content)
        memory = bytearray(3 * 4096)
        start = -ctypes.addressof(ctypes.c_char.from_buffer(memory)) % 4096
        aligned = memoryview(memory)[start : start + 4096]
        self.assertEqual(s.stdbind_read_direct(self.path, 4096, aligned), len(content) - 4096)
        self.assertEqual(aligned[: len(content) - 4096], content[4096:])
        self.assertEqual(s.stdbind_read_direct(self.path, 8192, aligned), 0)
        odd = memoryview(memory)[start + 1 : start + 4097]
        self.assertEqual(s.stdbind_read_direct(self.path, 0, odd), -s.STDBIND_ERROR_INVALID_ARGUMENT)
        self.assertEqual(s.stdbind_read_direct(self.path, 1, aligned), -s.STDBIND_ERROR_INVALID_ARGUMENT)
        self.assertEqual(s.stdbind_read_direct(self.path, 0, 4096), -s.STDBIND_ERROR_INVALID_ARGUMENT)
        with self.assertRaises(BufferError):
            s.stdbind_read_direct(self.path, 0, b"read-only")
        read_only = mmap.mmap(-1, 4096, prot=mmap.PROT_READ)
        self.addCleanup(read_only.close)
        with self.assertRaises(BufferError):
            s.stdbind_read_direct(self.path, 0, read_only)

    def test_updates(self):
        mapping = s.stdbind_mmap_open_path_with(self.path, s.STDBIND_MODE_WRITE, 0, -1, 0, s.STDBIND_OPEN_UPDATE)
        self.assertEqual(s.stdbind_mmap_update(mapping, 0, b"ab"), 2)
        self.assertEqual(s.stdbind_mmap_update(mapping, 2, bytearray(b"cd")), 2)
        self.assertEqual(s.stdbind_mmap_update(mapping, 4, memoryview(b"xefx")[1:3]), 2)
        self.assertEqual(pathlib.Path(self.path).read_bytes(), b"abcdef6789")
        self.assertEqual(s.stdbind_mmap_update(mapping, 9, b"gh"), -s.STDBIND_ERROR_OUT_OF_BOUNDS)
        self.assertEqual(s.stdbind_mmap_update(mapping, 0, 5), -s.STDBIND_ERROR_INVALID_ARGUMENT)
        with self.assertRaises(TypeError):
            s.stdbind_mmap_update(mapping, 0, "text")
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)
        self.assertEqual(pathlib.Path(self.path).read_bytes(), b"abcdef6789")

    def test_prefaults(self):
        mapping = self.open()
        prefault = s.stdbind_prefault_start(mapping, 2, -1, -1)
        self.assertGreater(prefault, 0)
        self.assertEqual(s.stdbind_prefault_wait(prefault, -1), 1)
        self.assertEqual(s.stdbind_prefault_done(prefault), 8)
        self.assertEqual(s.stdbind_prefault_total(prefault), 8)
        self.assertEqual(s.stdbind_mmap_length(prefault), -s.STDBIND_ERROR_INVALID_ARGUMENT)
        self.assertEqual(s.stdbind_prefault_close(prefault), 1)
        self.assertEqual(s.stdbind_prefault_done(prefault), -s.STDBIND_ERROR_CLOSED)
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)

    def test_what_was_passed_is_given_back(self):
        # After a call, also one that fails or raises, nobody holds the objects that were passed to it.
        mapping = self.open()
        root, path, name = self.folder.name.encode(), b"file", f"stdbind-test-missing-{os.getpid()}".encode()
        full = self.path.encode()
        room, data, number = bytearray(4096), bytearray(b"data"), 1 << 64
        held = (root, path, name, full, room, data)
        before = [sys.getrefcount(thing) for thing in held]
        answers = [
            s.stdbind_mmap_open_beneath(root, path, 1 << 20, 0, -1, 0),
            s.stdbind_mmap_create_path(full, 2, 10, 0),
            s.stdbind_mmap_open_named(name, 1, 0, -1),
            s.stdbind_mmap_unlink_named(name),
            s.stdbind_read_direct(full, 1, room),
            s.stdbind_mmap_update(mapping, 0, data),
        ]
        for answer in answers:
            self.assertLess(answer, 0)
        for call, arguments, error in (
            (s.stdbind_mmap_open_beneath, (root, 1, 1, 0, -1, 0), TypeError),
            (s.stdbind_mmap_open_beneath, (1, path, 1, 0, -1, 0), TypeError),
            (s.stdbind_mmap_open_beneath, (root, path, 1, 0, -1, number), OverflowError),
            (s.stdbind_mmap_open_beneath, (root, path, "1", 0, -1, 0), TypeError),
            (s.stdbind_mmap_create_path, (full, 1, number, 0), OverflowError),
            (s.stdbind_mmap_create_named, (name, number, 10), OverflowError),
            (s.stdbind_mmap_open_named, (name, 1, 0, "all"), TypeError),
            (s.stdbind_mmap_unlink_named, (7,), TypeError),
            (s.stdbind_read_direct, (full, 0, data.decode()), TypeError),
            (s.stdbind_read_direct, (full, 0, name), BufferError),
            (s.stdbind_read_direct, (full, "0", room), TypeError),
            (s.stdbind_mmap_update, (number, 0, data), OverflowError),
            (s.stdbind_mmap_update, (mapping, number, data), OverflowError),
        ):
            with self.assertRaises(error):
                call(*arguments)
        del arguments
        self.assertEqual([sys.getrefcount(thing) for thing in held], before)
        room.extend(b"more")  # raises if a call still holds them
        data.extend(b"more")
        self.assertEqual(s.stdbind_mmap_close(mapping), 1)

    def test_texts_leave_nothing_behind(self):
        # The bytes made of a str go with the call: after a hundred calls of each kind there is no trace of them.
        long = os.path.join(self.folder.name, "x" * 4000)

        def attempt():
            self.assertLess(s.stdbind_mmap_open_beneath(long, long, 1, 0, -1, 0), 0)
            self.assertLess(s.stdbind_mmap_unlink_named(long), 0)
            with self.assertRaises(OverflowError):
                s.stdbind_mmap_open_beneath(long, long, 1, 0, -1, 1 << 64)
            with self.assertRaises(TypeError):
                s.stdbind_mmap_open_beneath(long, None, 1, 0, -1, 0)

        attempt()
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(100):
            attempt()
        self.assertLess(tracemalloc.get_traced_memory()[0] - before, 100_000)

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

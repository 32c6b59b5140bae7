"""Copying bytes into and out of a mapping: at its cursor, and at any offset."""

from std.os import SEEK_SET

from ._errors import MmapErrorKind
from ._native import Owner


trait Copying(Owner):
    """What can be read and written by copies, which survive a failing page."""

    def read_bytes(self, size: Int = -1) raises -> List[Byte]:
        """Copies bytes out from the cursor on, and moves it behind them.

        Args:
            size: The most bytes to read; -1 for all to the end.

        Returns:
            The bytes: fewer than `size` at the end, none behind it.

        Raises:
            `closed`, `permission_denied` (the mode does not allow reading),
            `fault` (the file shrank; the cursor stays), `invalid_argument`.
        """
        var native = self._native()
        if size < -1:
            raise native.fail(
                MmapErrorKind.INVALID_ARGUMENT,
                String("size must be -1 or more, not ", size),
            )
        var rest = native.length - self.tell()
        var most = rest if size == -1 else min(size, rest)
        var bytes = List[Byte](unsafe_uninit_length=most)
        bytes.shrink(self.read_into(bytes))
        return bytes^

    def read_into(self, buffer: Span[mut=True, Byte, _]) raises -> Int:
        """Copies bytes from the cursor on into a buffer, and moves it.

        Args:
            buffer: Receives the bytes.

        Returns:
            How many bytes were read: 0 at the end.

        Raises:
            As `read_bytes`.
        """
        var native = self._native()
        return native.check(
            native.api.mmap_read(
                native.handle, buffer.unsafe_ptr(), Int64(len(buffer))
            )
        )

    def write(self, data: Span[Byte, _]) raises -> Int:
        """Copies bytes in at the cursor, and moves it behind them.

        Args:
            data: The bytes.

        Returns:
            How many were written: all of them.

        Raises:
            `closed`, `not_writable`, `out_of_bounds` (not all fits: nothing is
            written), `fault` (the file shrank; the cursor stays).
        """
        var native = self._native()
        return native.check(
            native.api.mmap_write(
                native.handle, data.unsafe_ptr(), Int64(len(data))
            )
        )

    def write(self, text: StringSpan[_]) raises -> Int:
        """Copies text in at the cursor as UTF-8, and moves it behind it.

        Args:
            text: The text.

        Returns:
            How many bytes were written: all of them.

        Raises:
            As for bytes.
        """
        return self.write(text.as_bytes())

    def seek(self, offset: Int, whence: UInt8 = SEEK_SET) raises -> Int:
        """Moves the cursor anywhere from 0 to the length of the mapping.

        Args:
            offset: Bytes, may be negative.
            whence: `os.SEEK_SET`, `os.SEEK_CUR` or `os.SEEK_END`.

        Returns:
            The new place in bytes from the start.

        Raises:
            `closed`, `out_of_bounds` (the cursor stays), `invalid_argument`.
        """
        var native = self._native()
        return native.check(
            native.api.mmap_seek(native.handle, Int64(offset), Int64(whence))
        )

    def tell(self) raises -> Int:
        """Where the cursor is.

        Returns:
            Bytes from the start.

        Raises:
            `closed`.
        """
        var native = self._native()
        return native.check(native.api.mmap_tell(native.handle))

    def read_at(self, offset: Int, size: Int) raises -> List[Byte]:
        """Copies a range out: all of it or none.

        Args:
            offset: Where to start in the mapping, in bytes.
            size: How many bytes.

        Returns:
            The bytes.

        Raises:
            `closed`, `permission_denied` (the mode does not allow reading),
            `out_of_bounds`, `fault` (the file shrank).
        """
        var native = self._native()
        # A size that cannot be right gets its error before memory is taken for it.
        var possible = 0 <= size <= native.length
        var bytes = List[Byte](unsafe_uninit_length=size if possible else 1)
        _ = native.check(
            native.api.mmap_read_at(
                native.handle, Int64(offset), bytes.unsafe_ptr(), Int64(size)
            )
        )
        return bytes^

    def read_at(
        self, offset: Int, buffer: Span[mut=True, Byte, _]
    ) raises -> Int:
        """Copies a range into a buffer, and fills it.

        Args:
            offset: Where to start in the mapping, in bytes.
            buffer: Receives the bytes.

        Returns:
            The length of the buffer.

        Raises:
            As for a size.
        """
        var native = self._native()
        return native.check(
            native.api.mmap_read_at(
                native.handle,
                Int64(offset),
                buffer.unsafe_ptr(),
                Int64(len(buffer)),
            )
        )

    def write_at(self, offset: Int, data: Span[Byte, _]) raises -> Int:
        """Copies bytes into a range.

        Args:
            offset: Where to start in the mapping, in bytes.
            data: The bytes.

        Returns:
            How many were written: all of them.

        Raises:
            `closed`, `not_writable`, `out_of_bounds` (nothing is written),
            `fault` (the file shrank; earlier pages may have been written).
        """
        var native = self._native()
        return native.check(
            native.api.mmap_write_at(
                native.handle,
                Int64(offset),
                data.unsafe_ptr(),
                Int64(len(data)),
            )
        )

    def update(self, offset: Int, data: Span[Byte, _]) raises -> Int:
        """Writes bytes to the file: they are on the disk when this returns.

        The pages around them are not written. The mapping shows them too.

        Args:
            offset: Where to start in the mapping, in bytes.
            data: The bytes.

        Returns:
            How many were written: all of them.

        Raises:
            `closed`, `not_writable`, `unsupported` (opened without
            `OpenOptions.UPDATE`), `out_of_bounds` (nothing is written),
            `no_space`, `io` (a part may have been written).
        """
        var native = self._native()
        return native.check(
            native.api.mmap_update(
                native.handle,
                Int64(offset),
                data.unsafe_ptr(),
                Int64(len(data)),
            )
        )

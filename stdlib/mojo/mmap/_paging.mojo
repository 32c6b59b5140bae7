"""What the system does with the pages of a mapping: reads, writes back, keeps."""

from ._mode import MmapAdvice
from ._native import Owner


trait Paging(Owner):
    """What lies in pages of memory that the system brings and takes."""

    def probe(self, offset: Int = 0, length: Int = -1) raises:
        """Checks that a range can be read now, and brings it into memory.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `permission_denied`, `out_of_bounds`, `fault`.
        """
        var native = self._native()
        _ = native.check(
            native.api.mmap_probe(native.handle, Int64(offset), Int64(length))
        )

    def flush(self, offset: Int = 0, length: Int = -1) raises:
        """Writes changes of a shared mapping to the file, and waits for it.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `out_of_bounds`, `no_space`, `io`.
        """
        var native = self._native()
        _ = native.check(
            native.api.mmap_flush(native.handle, Int64(offset), Int64(length))
        )

    def flush_async(self, offset: Int = 0, length: Int = -1) raises:
        """Begins to write changes to the file, and does not wait.

        Only `flush` tells that they are there.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `out_of_bounds`, `unsupported` (no descriptor is kept: open
            with `GROW`, `UPDATE` or `WATCH`), `no_space`, `no_memory`, `io`.
        """
        var native = self._native()
        _ = native.check(
            native.api.mmap_flush_async(
                native.handle, Int64(offset), Int64(length)
            )
        )

    def advise(
        self, advice: MmapAdvice, offset: Int = 0, length: Int = -1
    ) raises:
        """Tells the system how a range will be used. No byte changes.

        Args:
            advice: How it will be used.
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `out_of_bounds`, `invalid_argument` (`DONT_NEED` where the
            system would discard data).
        """
        var native = self._native()
        _ = native.check(
            native.api.mmap_advise(
                native.handle, Int64(offset), Int64(length), Int64(advice.value)
            )
        )

    def lock(self, offset: Int = 0, length: Int = -1) raises:
        """Keeps the pages of a range in memory until `unlock`.

        Locks are not counted, and reach to whole pages.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `permission_denied` (the mode does not allow reading),
            `out_of_bounds`, `fault`, `limit` (more than the process may lock),
            `unsupported` (see `is_mapped`).
        """
        var native = self._native()
        _ = native.check(
            native.api.mmap_lock(native.handle, Int64(offset), Int64(length))
        )

    def unlock(self, offset: Int = 0, length: Int = -1) raises:
        """Lets the pages of a range leave memory again, locked or not.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `out_of_bounds`, `limit`, `unsupported` (see `is_mapped`).
        """
        var native = self._native()
        _ = native.check(
            native.api.mmap_unlock(native.handle, Int64(offset), Int64(length))
        )

    def resident(self, offset: Int = 0, length: Int = -1) raises -> Int:
        """How many bytes of a range are in memory now.

        Of a file that others own, the system may count all.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Returns:
            The number of bytes.

        Raises:
            `closed`, `out_of_bounds`, `unsupported` (see `is_mapped`), `io`.
        """
        var native = self._native()
        return native.check(
            native.api.mmap_resident(
                native.handle, Int64(offset), Int64(length)
            )
        )

    def is_mapped(self) raises -> Bool:
        """Whether the bytes lie in memory.

        If not, reads take them from the file by position, and there are no
        spans: see `set_positioned_limit`.

        Returns:
            True if they do.

        Raises:
            `closed`.
        """
        var native = self._native()
        return native.check(native.api.mmap_is_mapped(native.handle)) != 0

    def is_stale(self) raises -> Bool:
        """Whether others truncated, replaced or changed the file.

        Once true it stays true.

        Returns:
            True if they did.

        Raises:
            `closed`, `unsupported` (opened without `OpenOptions.WATCH`), `io`.
        """
        var native = self._native()
        return native.check(native.api.mmap_is_stale(native.handle)) != 0

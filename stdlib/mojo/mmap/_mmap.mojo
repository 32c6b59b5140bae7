"""The mapping itself. It owns one native handle, which also keeps the cursor."""

from std.io import RawFileDescriptor
from std.os import PathLike, SEEK_SET

from ._errors import MmapErrorKind, make_error
from ._library import check, load
from ._mode import MmapAdvice, MmapMode
from ._stdbind import ERROR_BUSY, Api


struct Mmap(Movable, Sized):
    """A memory-mapped file, or memory that no file backs.

    It is unmapped when it is no longer used, at the latest at the end of a
    `with` block; `close` does it earlier and tells of failure. It can be moved,
    not copied. Every error is a plain `Error` with the text `kind: message`, see
    `error_kind`. Using it after `close` raises `closed`.

    Any number of threads may call what takes an offset. The cursor is one for
    all of them; concurrent writers of the same bytes must agree who goes first.
    """

    var _api: Api
    var _handle: Int64
    var _length: Int

    def __init__[
        P: PathLike, //
    ](
        out self,
        path: P,
        *,
        mode: MmapMode = MmapMode.READ,
        offset: Int = 0,
        length: Int = -1,
        address: Int = 0,
    ) raises:
        """Maps a file by its path. The file is not kept open.

        Parameters:
            P: The type of the path: `String`, `Path` and the like.

        Args:
            path: The file.
            mode: How the mapping may be used.
            offset: Where it starts in the file, in bytes; any value.
            length: How many bytes to map; -1 for all to the end of the file.
            address: Where it should lie in memory, a hint; 0 for anywhere.

        Raises:
            `not_found`, `permission_denied`, `wrong_file_type`,
            `out_of_bounds` (the file is shorter), `invalid_argument`,
            `no_memory`, `too_many_open`, `limit`, `unsupported`, `io`.
        """
        var api = load()
        var name = path.__fspath__()
        self = Self(
            api,
            api.mmap_open_path(
                name.unsafe_ptr(),
                Int64(name.byte_length()),
                Int64(mode.value),
                Int64(offset),
                Int64(length),
                Int64(address),
            ),
        )

    def __init__(
        out self,
        *,
        fd: FileHandle,
        length: Int = -1,
        offset: Int = 0,
        mode: MmapMode = MmapMode.READ,
        address: Int = 0,
    ) raises:
        """Maps an open file, which may be closed at once.

        Args:
            fd: The file, opened for what the mode needs.
            length: How many bytes to map; -1 for all to the end of the file.
            offset: Where the mapping starts in the file, in bytes; any value.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.

        Raises:
            `permission_denied` if the file was not opened for what the mode
            needs; otherwise as for a path.
        """
        self = Self(
            fd=Int(RawFileDescriptor(fd).value),
            length=length,
            offset=offset,
            mode=mode,
            address=address,
        )

    def __init__(
        out self,
        *,
        fd: RawFileDescriptor,
        length: Int = -1,
        offset: Int = 0,
        mode: MmapMode = MmapMode.READ,
        address: Int = 0,
    ) raises:
        """Maps an open file by its descriptor.

        Args:
            fd: The descriptor, which must be open during the call.
            length: How many bytes to map; -1 for all to the end of the file.
            offset: Where the mapping starts in the file, in bytes; any value.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.

        Raises:
            As for a file.
        """
        self = Self(
            fd=Int(fd.value),
            length=length,
            offset=offset,
            mode=mode,
            address=address,
        )

    def __init__(
        out self,
        *,
        fd: Int,
        length: Int = -1,
        offset: Int = 0,
        mode: MmapMode = MmapMode.READ,
        address: Int = 0,
    ) raises:
        """Maps an open file by the number of its descriptor.

        Args:
            fd: The number, which must be open during the call.
            length: How many bytes to map; -1 for all to the end of the file.
            offset: Where the mapping starts in the file, in bytes; any value.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.

        Raises:
            As for a file.
        """
        var api = load()
        self = Self(
            api,
            api.mmap_open_fd(
                Int64(fd),
                Int64(mode.value),
                Int64(offset),
                Int64(length),
                Int64(address),
            ),
        )

    def __init__(
        out self,
        *,
        length: Int,
        offset: Int = 0,
        mode: MmapMode = MmapMode.WRITE,
        address: Int = 0,
    ) raises:
        """Maps memory that no file backs: zeroes at first.

        Without `COW`, child processes share it.

        Args:
            length: The size in bytes, at least 1.
            offset: Must be 0, as there is no file to count from.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.

        Raises:
            `invalid_argument`, `no_memory`, `limit`, `unsupported`.
        """
        if offset != 0:
            raise make_error(
                MmapErrorKind.INVALID_ARGUMENT,
                String(
                    "anonymous memory has no file: offset must be 0, not ",
                    offset,
                ),
            )
        var api = load()
        self = Self(
            api,
            api.mmap_open_anonymous(
                Int64(length), Int64(mode.value), Int64(address)
            ),
        )

    def __init__(out self, api: Api, handle: Int64) raises:
        """Owns what the native library opened.

        Args:
            api: The library.
            handle: What it answered: a handle or an error.

        Raises:
            The error.
        """
        self._api = api
        self._handle = Int64(check(api, handle))
        self._length = Int(api.mmap_length(self._handle))

    def __deinit__(deinit self):
        """Unmaps, if that was not done before. Pins are released."""
        if self.is_closed():
            return
        if self._api.mmap_close(self._handle) == -ERROR_BUSY:
            while self._api.mmap_view_end(self._handle) > 0:
                pass
            _ = self._api.mmap_close(self._handle)

    def close(mut self) raises:
        """Unmaps. What was written to a shared mapping reaches the file.

        Spans of the mapping cannot be used afterwards: that does not compile.

        Raises:
            `closed` if it was closed before, `busy` while it is pinned.
        """
        _ = self._check(self._api.mmap_close(self._handle))

    def _check(self, result: Int64) raises -> Int:
        return check(self._api, result)

    def is_closed(self) -> Bool:
        """Whether `close` was called.

        Returns:
            True after `close`.
        """
        return self._api.mmap_is_closed(self._handle) != 0

    def __enter__(var self) -> Self:
        """Gives the mapping to a `with` block, at whose end it is unmapped.

        Returns:
            The mapping.
        """
        return self^

    def __len__(self) -> Int:
        """The length of the mapping: `len(mapping)`.

        Returns:
            The length in bytes; 0 after `close`.
        """
        return max(0, Int(self._api.mmap_length(self._handle)))

    def length(self) raises -> Int:
        """The length of the mapping.

        Returns:
            The length in bytes.

        Raises:
            `closed`.
        """
        return self._check(self._api.mmap_length(self._handle))

    def mode(self) raises -> MmapMode:
        """The mode that the mapping was opened with.

        Returns:
            The mode.

        Raises:
            `closed`.
        """
        return MmapMode(self._check(self._api.mmap_mode(self._handle)))

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
        if size < -1:
            raise make_error(
                MmapErrorKind.INVALID_ARGUMENT,
                String("size must be -1 or more, not ", size),
            )
        var rest = self._length - self.tell()
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
        return self._check(
            self._api.mmap_read(
                self._handle, buffer.unsafe_ptr(), Int64(len(buffer))
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
        return self._check(
            self._api.mmap_write(
                self._handle, data.unsafe_ptr(), Int64(len(data))
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
        return self._check(
            self._api.mmap_seek(self._handle, Int64(offset), Int64(whence))
        )

    def tell(self) raises -> Int:
        """Where the cursor is.

        Returns:
            Bytes from the start.

        Raises:
            `closed`.
        """
        return self._check(self._api.mmap_tell(self._handle))

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
        # A size that cannot be right gets its error before memory is taken for it.
        var possible = 0 <= size <= self._length
        var bytes = List[Byte](unsafe_uninit_length=size if possible else 1)
        _ = self._check(
            self._api.mmap_read_at(
                self._handle, Int64(offset), bytes.unsafe_ptr(), Int64(size)
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
        return self._check(
            self._api.mmap_read_at(
                self._handle,
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
        return self._check(
            self._api.mmap_write_at(
                self._handle, Int64(offset), data.unsafe_ptr(), Int64(len(data))
            )
        )

    @__unsafe_nested_origins_read_only
    def as_span(
        self,
    ) raises -> Span[Byte, origin_of(self)._get_owned_interior["bytes"]]:
        """The bytes themselves, to be read without a copy.

        Using the span after `close` or after the mapping was moved does not
        compile. Touching a page that the file no longer has ends the process:
        see `probe`.

        Returns:
            The bytes, read-only.

        Raises:
            `closed`, `permission_denied` (the mode does not allow reading).
        """
        if not self.mode().is_readable():
            raise make_error(
                MmapErrorKind.PERMISSION_DENIED,
                "as_span: the mapping was opened without READ",
            )
        # Nothing can unmap while a span is used: the address outlives the pin.
        var span = self.pin()
        self.unpin()
        return span

    def as_mut_span(
        mut self,
    ) raises -> Span[Byte, origin_of(self)._get_owned_interior["bytes"]]:
        """As `as_span`, to be written. Spans that were taken before end.

        Returns:
            The bytes, writable.

        Raises:
            `closed`, `not_writable`.
        """
        if MmapMode.WRITE not in self.mode():
            raise make_error(
                MmapErrorKind.NOT_WRITABLE,
                "as_mut_span: the mapping was opened without WRITE",
            )
        var view = self._view(0, -1)
        self.unpin()
        return {
            unsafe_ptr = Pointer(
                to=view[0]._get_ref_with_unsafe_interior_origin[
                    "bytes", origin_of(self)
                ]()
            ),
            length = view[1],
        }

    @__unsafe_nested_origins_read_only
    def pin(
        self, offset: Int = 0, length: Int = -1
    ) raises -> Span[Byte, origin_of(self)._get_owned_interior["bytes"]]:
        """Lends a range to code outside Mojo. Until `unpin`, `close` raises.

        The bytes may be touched only as the mode allows. Keep the mapping
        alive: its destructor releases the pins that are left, and unmaps.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Returns:
            The range. `unsafe_ptr` gives its address.

        Raises:
            `closed`, `out_of_bounds`, `limit` (too many pins).
        """
        var view = self._view(offset, length)
        return {
            unsafe_ptr = Pointer(
                to=view[0]._get_ref_with_unsafe_interior_origin[
                    "bytes", origin_of(self)
                ]()
            ),
            length = view[1],
        }

    def _view(
        self, offset: Int, length: Int
    ) raises -> Tuple[MutPointer[Byte, MutUntrackedOrigin], Int]:
        var address: Int64 = 0
        var size = self._check(
            self._api.mmap_view_begin(
                self._handle, Int64(offset), Int64(length), Pointer(to=address)
            )
        )
        return {{unsafe_from_address = Int(address)}, size}

    def unpin(self) raises:
        """Releases one pin. Its address must not be used any more.

        Raises:
            `closed`, `invalid_argument` (nothing is pinned).
        """
        _ = self._check(self._api.mmap_view_end(self._handle))

    def probe(self, offset: Int = 0, length: Int = -1) raises:
        """Checks that a range can be read now, and brings it into memory.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `permission_denied`, `out_of_bounds`, `fault`.
        """
        _ = self._check(
            self._api.mmap_probe(self._handle, Int64(offset), Int64(length))
        )

    def flush(self, offset: Int = 0, length: Int = -1) raises:
        """Writes changes of a shared mapping to the file, and waits for it.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Raises:
            `closed`, `out_of_bounds`, `no_space`, `io`.
        """
        _ = self._check(
            self._api.mmap_flush(self._handle, Int64(offset), Int64(length))
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
        _ = self._check(
            self._api.mmap_advise(
                self._handle, Int64(offset), Int64(length), Int64(advice.value)
            )
        )

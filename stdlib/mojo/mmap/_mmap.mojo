"""The mapping itself. It owns one native handle, which also keeps the cursor."""

from std.io import RawFileDescriptor
from std.os import PathLike

from ._copying import Copying
from ._errors import MmapErrorKind
from ._library import check, load
from ._mode import MmapMode, OpenOptions
from ._native import Native, own_error
from ._opening import Opening
from ._paging import Paging
from ._prefault import Prefault
from ._stdbind import ERROR_BUSY, Api


struct Mmap(Copying, Movable, Opening, Paging, Sized):
    """A memory-mapped file, or memory that no file backs.

    It is unmapped when it is no longer used, at the latest at the end of a
    `with` block; `close` does it earlier and tells of failure. It can be moved,
    not copied. Every error is a plain `Error` with the text `kind: message`, see
    `error_kind`. Using it after `close` raises `closed`.

    Any number of threads may call what takes an offset. The cursor is one for
    all of them; concurrent writers of the same bytes must agree who goes first.
    What needs a mapping that can be changed (`mut self`) is for one thread.
    """

    var _owned: Native

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
        options: OpenOptions = OpenOptions.NONE,
    ) raises:
        """Maps a file by its path. The file is not kept open without options.

        Parameters:
            P: The type of the path: `String`, `Path` and the like.

        Args:
            path: The file.
            mode: How the mapping may be used.
            offset: Where it starts in the file, in bytes; any value.
            length: How many bytes to map; -1 for all to the end of the file.
            address: Where it should lie in memory, a hint; 0 for anywhere.
            options: What else to do.

        Raises:
            `not_found`, `permission_denied`, `wrong_file_type`,
            `out_of_bounds` (the file is shorter), `invalid_argument`,
            `no_memory`, `too_many_open`, `limit`, `unsupported`, `io`.
        """
        var api = load()
        var name = path.__fspath__()
        self = Self(
            api,
            api.mmap_open_path_with(
                name.unsafe_ptr(),
                Int64(name.byte_length()),
                Int64(mode.value),
                Int64(offset),
                Int64(length),
                Int64(address),
                Int64(options.value),
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
        options: OpenOptions = OpenOptions.NONE,
    ) raises:
        """Maps an open file, which may be closed at once.

        Args:
            fd: The file, opened for what the mode needs.
            length: How many bytes to map; -1 for all to the end of the file.
            offset: Where the mapping starts in the file, in bytes; any value.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.
            options: What else to do.

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
            options=options,
        )

    def __init__(
        out self,
        *,
        fd: RawFileDescriptor,
        length: Int = -1,
        offset: Int = 0,
        mode: MmapMode = MmapMode.READ,
        address: Int = 0,
        options: OpenOptions = OpenOptions.NONE,
    ) raises:
        """Maps an open file by its descriptor.

        Args:
            fd: The descriptor, which must be open during the call.
            length: How many bytes to map; -1 for all to the end of the file.
            offset: Where the mapping starts in the file, in bytes; any value.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.
            options: What else to do.

        Raises:
            As for a file.
        """
        self = Self(
            fd=Int(fd.value),
            length=length,
            offset=offset,
            mode=mode,
            address=address,
            options=options,
        )

    def __init__(
        out self,
        *,
        fd: Int,
        length: Int = -1,
        offset: Int = 0,
        mode: MmapMode = MmapMode.READ,
        address: Int = 0,
        options: OpenOptions = OpenOptions.NONE,
    ) raises:
        """Maps an open file by the number of its descriptor.

        Args:
            fd: The number, which must be open during the call.
            length: How many bytes to map; -1 for all to the end of the file.
            offset: Where the mapping starts in the file, in bytes; any value.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.
            options: What else to do.

        Raises:
            As for a file.
        """
        var api = load()
        self = Self(
            api,
            api.mmap_open_fd_with(
                Int64(fd),
                Int64(mode.value),
                Int64(offset),
                Int64(length),
                Int64(address),
                Int64(options.value),
            ),
        )

    def __init__(
        out self,
        *,
        length: Int,
        offset: Int = 0,
        mode: MmapMode = MmapMode.WRITE,
        address: Int = 0,
        options: OpenOptions = OpenOptions.NONE,
    ) raises:
        """Maps memory that no file backs: zeroes at first.

        Without `COW`, child processes share it.

        Args:
            length: The size in bytes, at least 1.
            offset: Must be 0, as there is no file to count from.
            mode: How the mapping may be used.
            address: Where it should lie in memory, a hint; 0 for anywhere.
            options: What else to do.

        Raises:
            `invalid_argument`, `no_memory`, `limit`, `unsupported`.
        """
        var api = load()
        if offset != 0:
            raise own_error(
                api,
                MmapErrorKind.INVALID_ARGUMENT,
                String(
                    "anonymous memory has no file: offset must be 0, not ",
                    offset,
                ),
            )
        self = Self(
            api,
            api.mmap_open_anonymous_with(
                Int64(length),
                Int64(mode.value),
                Int64(address),
                Int64(options.value),
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
        var number = Int64(check(api, handle))
        self._owned = Native(api, number, Int(api.mmap_length(number)))

    def __deinit__(deinit self):
        """Unmaps, if that was not done before. Pins are released."""
        if self.is_closed():
            return
        var api = self._owned.api
        var handle = self._owned.handle
        if api.mmap_close(handle) == -ERROR_BUSY:
            while api.mmap_view_end(handle) > 0:
                pass
            _ = api.mmap_close(handle)

    def close(mut self) raises:
        """Unmaps. What was written to a shared mapping reaches the file.

        Spans of the mapping cannot be used afterwards: that does not compile.

        Raises:
            `closed` if it was closed before, `busy` while it is pinned or a
            prefault runs.
        """
        _ = self._check(self._owned.api.mmap_close(self._owned.handle))

    def _native(self) -> Native:
        return self._owned

    def _check(self, result: Int64) raises -> Int:
        return self._owned.check(result)

    def is_closed(self) -> Bool:
        """Whether `close` was called.

        Returns:
            True after `close`.
        """
        return self._owned.api.mmap_is_closed(self._owned.handle) != 0

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
        return max(0, Int(self._owned.api.mmap_length(self._owned.handle)))

    def length(self) raises -> Int:
        """The length of the mapping.

        Returns:
            The length in bytes.

        Raises:
            `closed`.
        """
        return self._check(self._owned.api.mmap_length(self._owned.handle))

    def mode(self) raises -> MmapMode:
        """The mode that the mapping has now.

        Returns:
            The mode.

        Raises:
            `closed`.
        """
        return MmapMode(
            self._check(self._owned.api.mmap_mode(self._owned.handle))
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
            `closed`, `permission_denied` (the mode does not allow reading),
            `unsupported` (see `is_mapped`).
        """
        if not self.mode().is_readable():
            raise self._owned.fail(
                MmapErrorKind.PERMISSION_DENIED,
                "as_span: the mode of the mapping has no READ",
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
            `closed`, `not_writable`, `unsupported` (see `is_mapped`).
        """
        if MmapMode.WRITE not in self.mode():
            raise self._owned.fail(
                MmapErrorKind.NOT_WRITABLE,
                "as_mut_span: the mode of the mapping has no WRITE",
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
        """Lends a range to code outside Mojo. Until `unpin`, it stays in place.

        `close`, `resize` and `protect` raise `busy` meanwhile. The bytes may be
        touched only as the mode allows. Keep the mapping alive: its destructor
        releases the pins that are left, and unmaps.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.

        Returns:
            The range. `unsafe_ptr` gives its address.

        Raises:
            `closed`, `out_of_bounds`, `limit` (too many pins), `unsupported`
            (see `is_mapped`).
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
            self._owned.api.mmap_view_begin(
                self._owned.handle,
                Int64(offset),
                Int64(length),
                Pointer(to=address),
            )
        )
        return {{unsafe_from_address = Int(address)}, size}

    def unpin(self) raises:
        """Releases one pin. Its address must not be used any more.

        Raises:
            `closed`, `invalid_argument` (nothing is pinned).
        """
        _ = self._check(self._owned.api.mmap_view_end(self._owned.handle))

    @__unsafe_nested_origins_read_only
    def prefault(
        self, offset: Int = 0, length: Int = -1, deadline_ms: Int = -1
    ) raises -> Prefault[
        ImmOrigin(origin_of(self)._get_owned_interior["bytes"])
    ]:
        """Starts to bring a range into memory on a thread of its own.

        What is loaded can be read while the rest is loading. It is cancelled
        after the last use of the result: see `Prefault`.

        Args:
            offset: Where to start in the mapping, in bytes.
            length: How many bytes; -1 for all to the end.
            deadline_ms: After how many milliseconds to give up; -1 for never.

        Returns:
            How far it is.

        Raises:
            `closed`, `permission_denied` (the mode does not allow reading),
            `out_of_bounds`, `invalid_argument`, `unsupported` (see
            `is_mapped`), `stale`, `no_memory`, `limit` (no thread is left).
        """
        var api = self._owned.api
        var handle = api.prefault_start(
            self._owned.handle,
            Int64(offset),
            Int64(length),
            Int64(deadline_ms),
        )
        # Only the origin of this pointer counts: nobody follows it.
        var bytes = MutPointer[Byte, MutUntrackedOrigin](unsafe_from_address=8)
        return {
            api,
            handle,
            Pointer(
                to=bytes._get_ref_with_unsafe_interior_origin[
                    "bytes", origin_of(self)
                ]()
            ),
        }

    def resize(mut self, length: Int) raises:
        """Makes the mapping longer or shorter. What it begins with stays.

        A file opened with `OpenOptions.GROW` and `WRITE` changes with it, its
        room on the disk allocated first; memory with `COW` needs no option. New
        bytes are zero. If it fails, all is as before. Spans that were taken
        before cannot be used afterwards: that does not compile.

        Args:
            length: How many bytes; at least 1 for memory without a file.

        Raises:
            `closed`, `invalid_argument`, `busy` (it is pinned or a prefault
            runs), `unsupported` (opened without `GROW`; named, sealed or shared
            memory, or huge pages), `out_of_bounds` (it is read only, and the
            file is not that long), `not_writable`, `no_space`, `no_memory`,
            `limit`, `io`.
        """
        _ = self._check(
            self._owned.api.mmap_resize(self._owned.handle, Int64(length))
        )
        self._owned.length = length

    def protect(mut self, mode: MmapMode) raises:
        """Changes what is allowed, for the whole mapping. Spans end.

        Args:
            mode: `READ`, `WRITE` and `EXEC`; a mapping opened with `COW` keeps
                it. `WRITE` and `EXEC` together need `ALLOW_WX` at the opening.

        Raises:
            `closed`, `invalid_argument`, `busy` (it is pinned or a prefault
            runs), `permission_denied` (the file was not opened for it, or
            `EXEC` of what was writable once: see `make_executable`),
            `unsupported` (see `is_mapped`), `no_memory`, `io`.
        """
        _ = self._check(
            self._owned.api.mmap_protect(self._owned.handle, Int64(mode.value))
        )

    def make_executable(mut self) raises:
        """Takes `WRITE` away, and allows `READ` and `EXEC`. Spans end.

        Raises:
            As `protect`.
        """
        _ = self._check(
            self._owned.api.mmap_make_executable(self._owned.handle)
        )

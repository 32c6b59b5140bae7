"""The other ways to a mapping: beneath a directory, new files, named and sealed memory."""

from std.io import RawFileDescriptor
from std.os import PathLike

from ._library import check, load
from ._mode import MmapMode, OpenOptions
from ._native import Owner
from ._stdbind import Api


trait Opening(Movable, Owner):
    """What is opened by a static method, and can be handed to others."""

    def __init__(out self, api: Api, handle: Int64) raises:
        """Owns what the native library opened.

        Args:
            api: The library.
            handle: What it answered: a handle or an error.

        Raises:
            The error.
        """
        ...

    @staticmethod
    def open_beneath[
        R: PathLike, P: PathLike, //
    ](
        root: R,
        path: P,
        *,
        mode: MmapMode = MmapMode.READ,
        offset: Int = 0,
        length: Int = -1,
        options: OpenOptions = OpenOptions.NONE,
    ) raises -> Self:
        """Maps a file that lies beneath a directory, and nowhere else.

        No symbolic link below the directory is followed, and nothing leads out
        of it, whatever others do to the path meanwhile: for paths that come
        from outside.

        Parameters:
            R: The type of the root: `String`, `Path` and the like.
            P: The type of the path.

        Args:
            root: The directory. It is trusted: links on the way to it are
                followed.
            path: The way from there.
            mode: How the mapping may be used.
            offset: Where it starts in the file, in bytes; any value.
            length: How many bytes to map; -1 for all to the end of the file.
            options: What else to do.

        Returns:
            The mapping.

        Raises:
            As for a path; `permission_denied` also for a link, `..` and an
            absolute path.
        """
        var api = load()
        var folder = root.__fspath__()
        var name = path.__fspath__()
        return Self(
            api,
            api.mmap_open_beneath(
                folder.unsafe_ptr(),
                Int64(folder.byte_length()),
                name.unsafe_ptr(),
                Int64(name.byte_length()),
                Int64(mode.value),
                Int64(offset),
                Int64(length),
                Int64(options.value),
            ),
        )

    @staticmethod
    def create[
        P: PathLike, //
    ](
        path: P,
        *,
        length: Int,
        mode: MmapMode = MmapMode.WRITE,
        options: OpenOptions = OpenOptions.NONE,
    ) raises -> Self:
        """Makes a new file of zeroes, and maps it.

        Its room on the disk is allocated first. If anything fails, the file is
        removed again.

        Parameters:
            P: The type of the path: `String`, `Path` and the like.

        Args:
            path: The file, which must not exist yet.
            length: How many bytes; 0 makes an empty file.
            mode: How the mapping may be used.
            options: What else to do.

        Returns:
            The mapping.

        Raises:
            `already_exists`, `no_space`; otherwise as for a path.
        """
        var api = load()
        var name = path.__fspath__()
        return Self(
            api,
            api.mmap_create_path(
                name.unsafe_ptr(),
                Int64(name.byte_length()),
                Int64(mode.value),
                Int64(length),
                Int64(options.value),
            ),
        )

    @staticmethod
    def create_named(
        name: StringSpan[_], *, length: Int, mode: MmapMode = MmapMode.WRITE
    ) raises -> Self:
        """Makes shared memory that other processes find by its name.

        It is zero at first, for processes of the same user, and stays until
        `unlink_named`, also without mappings.

        Args:
            name: 1 to 249 bytes without `/`; one `/` before them means nothing.
            length: The size in bytes, at least 1.
            mode: How the mapping may be used.

        Returns:
            The mapping.

        Raises:
            `invalid_argument`, `already_exists`, `permission_denied`,
            `no_space`, `no_memory`, `too_many_open`, `limit`, `unsupported`,
            `io`.
        """
        var api = load()
        return Self(
            api,
            api.mmap_create_named(
                name.unsafe_ptr(),
                Int64(name.byte_length()),
                Int64(mode.value),
                Int64(length),
            ),
        )

    @staticmethod
    def open_named(
        name: StringSpan[_],
        *,
        mode: MmapMode = MmapMode.READ,
        offset: Int = 0,
        length: Int = -1,
    ) raises -> Self:
        """Maps shared memory by its name.

        Args:
            name: The name that it was made with.
            mode: How the mapping may be used.
            offset: Where it starts in the memory, in bytes; any value.
            length: How many bytes to map; -1 for all to the end.

        Returns:
            The mapping.

        Raises:
            `invalid_argument`, `not_found`, `permission_denied`,
            `out_of_bounds`, `no_memory`, `too_many_open`, `limit`,
            `unsupported`, `io`.
        """
        var api = load()
        return Self(
            api,
            api.mmap_open_named(
                name.unsafe_ptr(),
                Int64(name.byte_length()),
                Int64(mode.value),
                Int64(offset),
                Int64(length),
            ),
        )

    @staticmethod
    def unlink_named(name: StringSpan[_]) raises:
        """Gives the name of shared memory up.

        The memory goes with its last mapping.

        Args:
            name: The name that it was made with.

        Raises:
            `invalid_argument`, `not_found`, `permission_denied`, `unsupported`,
            `io`.
        """
        var api = load()
        _ = check(
            api,
            api.mmap_unlink_named(name.unsafe_ptr(), Int64(name.byte_length())),
        )

    @staticmethod
    def open_sealed(
        *, length: Int, mode: MmapMode = MmapMode.WRITE
    ) raises -> Self:
        """Maps new shared memory that nobody can make longer or shorter.

        It has no name: others get it by its `descriptor`.

        Args:
            length: The size in bytes, at least 1.
            mode: How the mapping may be used.

        Returns:
            The mapping.

        Raises:
            `invalid_argument`, `no_space`, `no_memory`, `too_many_open`,
            `limit`, `unsupported`.
        """
        var api = load()
        return Self(api, api.mmap_open_sealed(Int64(length), Int64(mode.value)))

    def descriptor(self) raises -> RawFileDescriptor:
        """A new descriptor of what is mapped, for another process.

        It is the caller's to close, and is closed in programs that this process
        starts.

        Returns:
            The descriptor.

        Raises:
            `closed`, `unsupported` (none is kept: open with `GROW`, `UPDATE` or
            `WATCH`, or as sealed), `too_many_open`.
        """
        var native = self._native()
        return RawFileDescriptor(
            Int32(native.check(native.api.mmap_descriptor(native.handle)))
        )

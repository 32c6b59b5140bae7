"""The native library: found, asked, and its answers turned into errors."""

from std.os import PathLike

from ._errors import MmapErrorKind, make_error
from ._stdbind import Api


def page_size() raises -> Int:
    """The size of a page of memory: the unit in which the system maps.

    Returns:
        The size in bytes.

    Raises:
        `unsupported` if the native library is missing.
    """
    return Int(load().page_size())


def live_mappings() raises -> Int:
    """How many mappings of this process are open, in all languages.

    Returns:
        The number of open handles of the native library; prefaults count too.

    Raises:
        `unsupported` if the native library is missing.
    """
    return Int(load().live_handles())


def abi_version() raises -> Int:
    """The version of the native library's interface.

    Returns:
        The version number.

    Raises:
        `unsupported` if the native library is missing.
    """
    return Int(load().abi_version())


def last_error_os() raises -> Int:
    """The system's own number for the last error of this package on this thread.

    Returns:
        The errno, or 0 if the system was not the cause.

    Raises:
        `unsupported` if the native library is missing.
    """
    return Int(load().last_error_os())


def set_positioned_limit(bytes: Int) raises -> Int:
    """Sets how many bytes a mapping may have, for the whole process.

    A longer one that is opened from now on, to be read only, is not mapped: its
    reads take the bytes from the file by position. At the start the limit is
    1 GiB on 32-bit systems, and endless on others.

    Args:
        bytes: The limit; 0 for all mappings; -1 for none.

    Returns:
        The limit before; 2^60 - 1 for none.

    Raises:
        `invalid_argument`, `unsupported` if the native library is missing.
    """
    var api = load()
    return check(api, api.set_positioned_limit(Int64(bytes)))


def read_direct[
    P: PathLike, //
](path: P, offset: Int, buffer: Span[mut=True, Byte, _]) raises -> Int:
    """Reads a range of a regular file past the cache of the system.

    The buffer must lie at a multiple of 4096, as the bytes of `Mmap(length=n)`
    do: `read_direct(path, 0, memory.as_mut_span())`.

    Parameters:
        P: The type of the path: `String`, `Path` and the like.

    Args:
        path: The file.
        offset: Where to start in it, in bytes: a multiple of 4096.
        buffer: Receives the bytes; its length is a multiple of 4096.

    Returns:
        How many bytes were read: fewer than the buffer holds at the end of the
        file, 0 behind it.

    Raises:
        `invalid_argument` (something is no multiple of 4096), `not_found`,
        `permission_denied`, `wrong_file_type`, `out_of_bounds`,
        `too_many_open`, `unsupported` (the file system cannot do it), `io`.
    """
    var api = load()
    var name = path.__fspath__()
    return check(
        api,
        api.read_direct(
            name.unsafe_ptr(),
            Int64(name.byte_length()),
            Int64(offset),
            buffer.unsafe_ptr(),
            Int64(len(buffer)),
        ),
    )


def load() raises -> Api:
    """The native library.

    Returns:
        Its functions.

    Raises:
        `unsupported` if it is missing or too old.
    """
    try:
        return Api.get()
    except e:
        raise make_error(MmapErrorKind.UNSUPPORTED, e)


def check(api: Api, result: Int64) raises -> Int:
    """Raises what a function of the native library answered with.

    Args:
        api: The library.
        result: What its function returned.

    Returns:
        The result, if it is none of an error.

    Raises:
        The error, if it is one.
    """
    if result < 0:
        raise native_error(api, result)
    return Int(result)


def native_error(api: Api, result: Int64) -> Error:
    """The last error of the native library on this thread.

    Args:
        api: The library.
        result: What its function returned: minus the kind.

    Returns:
        The error, to be raised.
    """
    var message = List[Byte](length=512, fill=0)
    var size = api.last_error_message(message.unsafe_ptr(), 512)
    message.shrink(min(Int(size), 511))
    return make_error(
        MmapErrorKind(Int(-result)), String(from_utf8_lossy=message)
    )

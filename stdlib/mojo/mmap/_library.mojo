"""The native library: found, asked, and its answers turned into errors."""

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
        The number of open handles of the native library.

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

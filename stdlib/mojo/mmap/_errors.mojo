"""What went wrong: errors are plain `Error`s whose text is `kind: message`."""

from . import _stdbind


@fieldwise_init
struct MmapErrorKind(Equatable, TrivialRegisterPassable, Writable):
    """The kind of an error, for programs; its message is for people."""

    var value: Int
    """The number, as the native library gives it; 0 for `OTHER`."""

    comptime OTHER = Self(0)
    """Not an error of this package."""
    comptime INVALID_ARGUMENT = Self(Int(_stdbind.ERROR_INVALID_ARGUMENT))
    """A value is outside its range; the message names it."""
    comptime NOT_FOUND = Self(Int(_stdbind.ERROR_NOT_FOUND))
    """No such file or directory."""
    comptime PERMISSION_DENIED = Self(Int(_stdbind.ERROR_PERMISSION_DENIED))
    """The file or the mapping does not allow this access."""
    comptime ALREADY_EXISTS = Self(Int(_stdbind.ERROR_ALREADY_EXISTS))
    """The name is taken."""
    comptime WRONG_FILE_TYPE = Self(Int(_stdbind.ERROR_WRONG_FILE_TYPE))
    """A directory, device, pipe or socket cannot be mapped."""
    comptime OUT_OF_BOUNDS = Self(Int(_stdbind.ERROR_OUT_OF_BOUNDS))
    """The range does not lie within the file or the mapping."""
    comptime CLOSED = Self(Int(_stdbind.ERROR_CLOSED))
    """The mapping or the prefault was closed before."""
    comptime NOT_WRITABLE = Self(Int(_stdbind.ERROR_NOT_WRITABLE))
    """The mapping was opened without `WRITE`."""
    comptime UNSUPPORTED = Self(Int(_stdbind.ERROR_UNSUPPORTED))
    """This platform cannot do it, or the native library is missing."""
    comptime NO_SPACE = Self(Int(_stdbind.ERROR_NO_SPACE))
    """The disk or the quota is full."""
    comptime NO_MEMORY = Self(Int(_stdbind.ERROR_NO_MEMORY))
    """No memory or address space is left."""
    comptime TOO_MANY_OPEN = Self(Int(_stdbind.ERROR_TOO_MANY_OPEN))
    """No file descriptor is left."""
    comptime LIMIT = Self(Int(_stdbind.ERROR_LIMIT))
    """Another limit of the system or of the library."""
    comptime BUSY = Self(Int(_stdbind.ERROR_BUSY))
    """The mapping is pinned, or a prefault runs."""
    comptime FAULT = Self(Int(_stdbind.ERROR_FAULT))
    """A page could not be read or written: the file shrank or the disk failed.
    """
    comptime STALE = Self(Int(_stdbind.ERROR_STALE))
    """The file changed behind the mapping."""
    comptime NOT_UTF8 = Self(Int(_stdbind.ERROR_NOT_UTF8))
    """The bytes are not valid UTF-8."""
    comptime TIMEOUT = Self(Int(_stdbind.ERROR_TIMEOUT))
    """The time was up first."""
    comptime CANCELLED = Self(Int(_stdbind.ERROR_CANCELLED))
    """The work was cancelled."""
    comptime LOADER_DIED = Self(Int(_stdbind.ERROR_LOADER_DIED))
    """The process that loaded the file ended."""
    comptime IO = Self(Int(_stdbind.ERROR_IO))
    """Any other failure of the system; see `last_error_os`."""

    # By number, from INVALID_ARGUMENT on. A test compares them with the library's.
    comptime _NAMES: List[StaticString] = [
        "invalid_argument",
        "not_found",
        "permission_denied",
        "already_exists",
        "wrong_file_type",
        "out_of_bounds",
        "closed",
        "not_writable",
        "unsupported",
        "no_space",
        "no_memory",
        "too_many_open",
        "limit",
        "busy",
        "fault",
        "stale",
        "not_utf8",
        "timeout",
        "cancelled",
        "loader_died",
        "io",
    ]

    def write_to(self, mut writer: Some[Writer]):
        """Writes the name of the kind, such as `not_found`.

        Args:
            writer: Where to write.
        """
        var names = materialize[Self._NAMES]()
        if 1 <= self.value <= len(names):
            writer.write(names[self.value - 1])
        else:
            writer.write("other")


def error_kind(error: Error) -> MmapErrorKind:
    """The kind of an error that this package raised.

    Args:
        error: What was caught.

    Returns:
        The kind; `MmapErrorKind.OTHER` if another package raised it.
    """
    var text = String(error)
    var names = materialize[MmapErrorKind._NAMES]()
    for i in range(len(names)):
        if text.startswith(String(names[i], ": ")):
            return MmapErrorKind(i + 1)
    return MmapErrorKind.OTHER


def make_error(kind: MmapErrorKind, message: Some[Writable]) -> Error:
    """An error of this package.

    Args:
        kind: What went wrong.
        message: The values that were wrong, and what to do.

    Returns:
        The error, to be raised.
    """
    return Error(kind, ": ", message)

"""The native object behind a value of this package, and its answers as errors."""

from ._errors import MmapErrorKind, make_error
from ._library import check
from ._stdbind import NULL, Api


@fieldwise_init
struct Native(TrivialRegisterPassable):
    """A handle of the native library. A copy does not own it."""

    var api: Api
    """The library."""
    var handle: Int64
    """The number that the library gave."""
    var length: Int
    """How many bytes it has."""

    def check(self, result: Int64) raises -> Int:
        """Raises what a function of the library answered with.

        Args:
            result: What it returned.

        Returns:
            The result, if it is none of an error.

        Raises:
            The error, if it is one.
        """
        return check(self.api, result)

    def fail(self, kind: MmapErrorKind, message: Some[Writable]) -> Error:
        """An error that the library knows nothing of.

        Args:
            kind: What went wrong.
            message: The values that were wrong, and what to do.

        Returns:
            The error, to be raised.
        """
        return own_error(self.api, kind, message)


def own_error(api: Api, kind: MmapErrorKind, message: Some[Writable]) -> Error:
    """An error of this package itself, after which `last_error_os` is 0.

    Args:
        api: The library.
        kind: What went wrong.
        message: The values that were wrong, and what to do.

    Returns:
        The error, to be raised.
    """
    # The library keeps the number of its last error: no kind is 0, so this one has none.
    _ = api.error_kind_name(0, NULL, 0)
    return make_error(kind, message)


trait Owner:
    """What owns a handle of the native library."""

    def _native(self) -> Native:
        ...

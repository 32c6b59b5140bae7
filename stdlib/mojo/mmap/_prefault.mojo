"""A range that a thread of its own brings into memory."""

from ._library import check
from ._stdbind import Api


struct Prefault[origin: ImmOrigin](Movable):
    """A range of a mapping that a thread brings into memory, from its start on.

    `Mmap.prefault` starts it. What is loaded can be read while the rest is
    loading. The destructor cancels it, and that is after its last use: a `with`
    block keeps it to the end of the block. Until it has ended, closing,
    resizing or protecting the mapping raises `busy`; using it after one of
    these, or after the mapping was moved, does not compile.

    Any number of threads may call it, except for `close`.

    Parameters:
        origin: The bytes of the mapping.
    """

    var _api: Api
    var _handle: Int64
    var _is_closed: Bool

    def __init__(
        out self, api: Api, handle: Int64, bytes: ImmPointer[Byte, Self.origin]
    ) raises:
        """Owns what the native library started.

        Args:
            api: The library.
            handle: What it answered: a handle or an error.
            bytes: Ties this to the mapping, and is not followed.

        Raises:
            The error.
        """
        self = Self(api, Int64(check(api, handle)), is_closed=False)

    def __init__(out self, api: Api, handle: Int64, *, is_closed: Bool):
        """Takes over what another object owned.

        Args:
            api: The library.
            handle: The handle.
            is_closed: Whether it was closed.
        """
        self._api = api
        self._handle = handle
        self._is_closed = is_closed

    def __deinit__(deinit self):
        """Cancels, and waits for the thread to end."""
        if not self._is_closed:
            _ = self._api.prefault_close(self._handle)

    def __enter__(var self) -> Self:
        """Gives it to a `with` block, at whose end it is cancelled.

        Returns:
            The prefault.
        """
        return self^

    def done(self) raises -> Int:
        """How many bytes from the start of the range are in memory by now.

        Returns:
            The number of bytes, at most `total`.

        Raises:
            `closed`.
        """
        return check(self._api, self._api.prefault_done(self._handle))

    def total(self) raises -> Int:
        """How many bytes the range has.

        Returns:
            The number of bytes.

        Raises:
            `closed`.
        """
        return check(self._api, self._api.prefault_total(self._handle))

    def wait(self, timeout_ms: Int = -1) raises:
        """Waits until all of it is in memory, or until it ended otherwise.

        Once it has ended, the answer is the same each time.

        Args:
            timeout_ms: How many milliseconds to wait; 0 only asks, -1 waits
                for ever.

        Raises:
            `timeout` (it still runs, or its deadline passed: the message tells
            which), `cancelled`, `fault` (a page cannot be read: what lies
            before it was loaded), `closed`, `invalid_argument`.
        """
        _ = check(
            self._api,
            self._api.prefault_wait(self._handle, Int64(timeout_ms)),
        )

    def cancel(self) raises:
        """Asks it to stop, and does not wait: `wait` tells when it did.

        One that has ended stays as it is.

        Raises:
            `closed`.
        """
        _ = check(self._api, self._api.prefault_cancel(self._handle))

    def close(mut self) raises:
        """Cancels, and waits for the thread to end. What is loaded stays.

        Raises:
            `closed` if it was closed before.
        """
        _ = check(self._api, self._api.prefault_close(self._handle))
        self._is_closed = True

    def unsafe_origin_cast[target: ImmOrigin](deinit self) -> Prefault[target]:
        """The same, not tied to the mapping: to be kept in one object with it.

        Destroy it before the mapping. A mapping that is destroyed while it runs
        stays in memory until the process ends.

        Parameters:
            target: The origin to be tied to, such as `ImmUntrackedOrigin`.

        Returns:
            The prefault.
        """
        return {self._api, self._handle, is_closed = self._is_closed}

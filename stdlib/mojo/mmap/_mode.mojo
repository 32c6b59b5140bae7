"""How a mapping may be used, and will be: typed flags instead of numbers."""

from . import _stdbind
from ._constants import (
    MAP_PRIVATE,
    MAP_SHARED,
    PROT_EXEC,
    PROT_NONE,
    PROT_READ,
    PROT_WRITE,
    MapFlags,
    Protection,
)


@fieldwise_init
struct MmapMode(Equatable, TrivialRegisterPassable, Writable):
    """How a mapping may be used: flags to be joined with `|`.

    `WRITE` includes reading, as the hardware does. Without `COW`, changes reach
    the file and other processes; with it, they stay in this process.
    """

    var value: Int
    """The bits, as the native library takes them."""

    comptime NONE = Self(Int(_stdbind.MODE_NONE))
    """No access: reserves addresses only."""
    comptime READ = Self(Int(_stdbind.MODE_READ))
    """Pages can be read."""
    comptime WRITE = Self(Int(_stdbind.MODE_WRITE))
    """Pages can be read and written."""
    comptime EXEC = Self(Int(_stdbind.MODE_EXEC))
    """Pages can be executed."""
    comptime COW = Self(Int(_stdbind.MODE_COW))
    """Copy on write: changes are private to this process."""
    comptime ALLOW_WX = Self(Int(_stdbind.MODE_ALLOW_WX))
    """Asks for `WRITE` and `EXEC` together, which is refused otherwise."""
    # By bit.
    comptime _NAMES: List[StaticString] = [
        "READ",
        "WRITE",
        "EXEC",
        "COW",
        "ALLOW_WX",
    ]

    def __or__(self, other: Self) -> Self:
        """Joins the flags of both.

        Args:
            other: The flags to add.

        Returns:
            Every flag that is in one of them.
        """
        return Self(self.value | other.value)

    def __contains__(self, flags: Self) -> Bool:
        """Whether all of the given flags are set: `MmapMode.READ in mode`.

        Args:
            flags: The flags to look for.

        Returns:
            True if each of them is set.
        """
        return self.value & flags.value == flags.value

    def is_readable(self) -> Bool:
        """Whether the bytes of such a mapping can be read.

        Returns:
            True if `READ` or `WRITE` is set.
        """
        return Self.READ in self or Self.WRITE in self

    def protection(self) -> Protection:
        """What the system is asked to allow, as mmap(2) takes it.

        Returns:
            `PROT_*` flags of this system.
        """
        var protection = PROT_NONE
        if self.is_readable():
            protection = protection | PROT_READ
        if Self.WRITE in self:
            protection = protection | PROT_WRITE
        if Self.EXEC in self:
            protection = protection | PROT_EXEC
        return protection

    def sharing(self) -> MapFlags:
        """Who sees changes, as mmap(2) takes it.

        Returns:
            `MAP_PRIVATE` if `COW` is set, otherwise `MAP_SHARED`.
        """
        return MAP_PRIVATE if Self.COW in self else MAP_SHARED

    def write_to(self, mut writer: Some[Writer]):
        """Writes the names of the flags, such as `READ|COW`.

        Args:
            writer: Where to write.
        """
        var separator = ""
        var names = materialize[Self._NAMES]()
        for i in range(len(names)):
            if Self(1 << i) in self:
                writer.write(separator, names[i])
                separator = "|"
        if self == Self.NONE:
            writer.write("NONE")


@fieldwise_init
struct MmapAdvice(Equatable, TrivialRegisterPassable, Writable):
    """How a range will be used: a hint that never changes a byte."""

    var value: Int
    """The number, as the native library takes it."""

    comptime NORMAL = Self(Int(_stdbind.ADVICE_NORMAL))
    """No pattern is known."""
    comptime SEQUENTIAL = Self(Int(_stdbind.ADVICE_SEQUENTIAL))
    """From the start to the end."""
    comptime RANDOM = Self(Int(_stdbind.ADVICE_RANDOM))
    """In no order: turns reading ahead off."""
    comptime WILL_NEED = Self(Int(_stdbind.ADVICE_WILL_NEED))
    """Soon: starts reading ahead."""
    comptime DONT_NEED = Self(Int(_stdbind.ADVICE_DONT_NEED))
    """Not soon: pages may leave memory. Refused where that would lose data."""

    # By number.
    comptime _NAMES: List[StaticString] = [
        "NORMAL",
        "SEQUENTIAL",
        "RANDOM",
        "WILL_NEED",
        "DONT_NEED",
    ]

    def write_to(self, mut writer: Some[Writer]):
        """Writes the name of the advice.

        Args:
            writer: Where to write.
        """
        var names = materialize[Self._NAMES]()
        if 0 <= self.value < len(names):
            writer.write(names[self.value])
        else:
            writer.write("MmapAdvice(", self.value, ")")

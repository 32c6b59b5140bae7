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
        write_flags(writer, self.value, materialize[Self._NAMES]())


@fieldwise_init
struct OpenOptions(Equatable, TrivialRegisterPassable, Writable):
    """What else an opening shall do: flags to be joined with `|`."""

    var value: Int
    """The bits, as the native library takes them."""

    comptime NONE = Self(Int(_stdbind.OPEN_NONE))
    """Nothing else."""
    comptime GROW = Self(Int(_stdbind.OPEN_GROW))
    """Keeps a descriptor, so that `Mmap.resize` can change the file.

    Not with `COW`."""
    comptime UPDATE = Self(Int(_stdbind.OPEN_UPDATE))
    """Keeps a descriptor, through which `Mmap.update` writes."""
    comptime WATCH = Self(Int(_stdbind.OPEN_WATCH))
    """Changes by others are noticed: `Mmap.is_stale`."""
    comptime STRICT = Self(Int(_stdbind.OPEN_STRICT))
    """With `WATCH`: copying reads of a stale mapping raise `stale`."""
    comptime POPULATE = Self(Int(_stdbind.OPEN_POPULATE))
    """All pages are brought into memory before the mapping is there."""
    comptime ANY_FILE = Self(Int(_stdbind.OPEN_ANY_FILE))
    """Devices that can be mapped too, not only regular files."""
    comptime RANDOM = Self(Int(_stdbind.OPEN_RANDOM))
    """Advises `MmapAdvice.RANDOM` before the first touch."""
    comptime HUGE = Self(Int(_stdbind.OPEN_HUGE))
    """Memory: aligned to 2 MiB, and the system may use huge pages."""
    comptime HUGETLB_2M = Self(Int(_stdbind.OPEN_HUGETLB_2M))
    """Memory: pages of 2 MiB from the system's pool."""
    comptime HUGETLB_1G = Self(Int(_stdbind.OPEN_HUGETLB_1G))
    """Memory: pages of 1 GiB from the system's pool."""
    # By bit.
    comptime _NAMES: List[StaticString] = [
        "GROW",
        "UPDATE",
        "WATCH",
        "STRICT",
        "POPULATE",
        "ANY_FILE",
        "RANDOM",
        "HUGE",
        "HUGETLB_2M",
        "HUGETLB_1G",
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
        """Whether all of the given flags are set: `OpenOptions.GROW in options`.

        Args:
            flags: The flags to look for.

        Returns:
            True if each of them is set.
        """
        return self.value & flags.value == flags.value

    def write_to(self, mut writer: Some[Writer]):
        """Writes the names of the flags, such as `GROW|UPDATE`.

        Args:
            writer: Where to write.
        """
        write_flags(writer, self.value, materialize[Self._NAMES]())


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


def write_flags(
    mut writer: Some[Writer], flags: Int, names: List[StaticString]
):
    """Writes the names of the flags that are set, or `NONE`.

    Args:
        writer: Where to write.
        flags: The flags.
        names: The name of each, by bit.
    """
    var separator = ""
    for i in range(len(names)):
        if flags & (1 << i) != 0:
            writer.write(separator, names[i])
            separator = "|"
    if flags == 0:
        writer.write("NONE")

"""The numbers that mmap(2) and msync(2) take, by system, each of its own type.

`Mmap` needs none of them: they are for code that calls the system itself, and
for reading what a `MmapMode` asks of the system.
"""

from std.sys.info import platform_map

comptime Protection = SystemFlags["Protection"]
"""What pages allow: `PROT_*` flags."""

comptime MapFlags = SystemFlags["MapFlags"]
"""How memory is mapped: `MAP_*` flags."""

comptime SyncFlags = SystemFlags["SyncFlags"]
"""How a mapping is written back: `MS_*` flags."""


@fieldwise_init
struct SystemFlags[name: StaticString](
    Equatable, TrivialRegisterPassable, Writable
):
    """Flags of one system call; flags of another do not fit.

    Parameters:
        name: What they are flags of.
    """

    var value: Int32
    """The bits, as the system takes them."""

    def __or__(self, other: Self) -> Self:
        """Joins the flags of both.

        Args:
            other: The flags to add.

        Returns:
            Every flag that is in one of them.
        """
        return Self(self.value | other.value)

    def __contains__(self, flags: Self) -> Bool:
        """Whether all of the given flags are set.

        Args:
            flags: The flags to look for.

        Returns:
            True if each of them is set.
        """
        return self.value & flags.value == flags.value

    def write_to(self, mut writer: Some[Writer]):
        """Writes the name and the bits.

        Args:
            writer: Where to write.
        """
        writer.write(Self.name, "(", self.value, ")")


comptime PROT_NONE = Protection(0)
"""Pages cannot be accessed."""
comptime PROT_READ = Protection(1)
"""Pages can be read."""
comptime PROT_WRITE = Protection(2)
"""Pages can be written."""
comptime PROT_EXEC = Protection(4)
"""Pages can be executed."""

comptime MAP_SHARED = MapFlags(0x01)
"""Changes reach the file and other processes."""
comptime MAP_PRIVATE = MapFlags(0x02)
"""Changes are private: copy on write."""
comptime MAP_FIXED = MapFlags(0x10)
"""At exactly the given address."""
comptime MAP_ANONYMOUS = MapFlags(
    platform_map["MAP_ANONYMOUS", linux=Int32(0x20), macos=Int32(0x1000)]()
)
"""Memory that no file backs."""

comptime MS_ASYNC = SyncFlags(0x1)
"""Starts writing back."""
comptime MS_INVALIDATE = SyncFlags(0x2)
"""Lets other mappings of the file see what was written."""
comptime MS_SYNC = SyncFlags(
    platform_map["MS_SYNC", linux=Int32(0x4), macos=Int32(0x10)]()
)
"""Writes back, and waits until it is done."""

"""Memory-mapped files: `from mmap import Mmap, MmapMode`.

A mapping makes a file, or memory that processes share, accessible as bytes:
read and write it through a cursor like a file, at any offset, or as a `Span`
without a copy. The work is done by the native library stdbind, which this
package finds at run time (see `_stdbind.Api.get`).
"""

from ._constants import (
    MAP_ANONYMOUS,
    MAP_FIXED,
    MAP_PRIVATE,
    MAP_SHARED,
    MS_ASYNC,
    MS_INVALIDATE,
    MS_SYNC,
    PROT_EXEC,
    PROT_NONE,
    PROT_READ,
    PROT_WRITE,
    MapFlags,
    Protection,
    SyncFlags,
    SystemFlags,
)
from ._errors import MmapErrorKind, error_kind
from ._library import (
    abi_version,
    last_error_os,
    live_mappings,
    page_size,
    read_direct,
    set_positioned_limit,
)
from ._mmap import Mmap
from ._mode import MmapAdvice, MmapMode, OpenOptions
from ._prefault import Prefault

"""The conformance adapter for SWIG's Python back end: the protocol over the flat module stdbind_swig.

It passes on what the module answers, and judges nothing.
"""

import ctypes
import mmap
import os
import platform
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote_to_bytes

import stdbind_swig as stdbind

Fields = dict[str, str]
objects: dict[int, int] = {}
prefaults: dict[int, tuple[int, int]] = {}  # each with the mapping that it keeps busy


class Failed(Exception):
    """A negative number that the module answered."""


def check(result: int) -> int:
    if result < 0:
        raise Failed(result)
    return result


# ---- fields and answers ----


def number(fields: Fields, key: str, missing: int = 0) -> int:
    return int(fields.get(key, missing))


def mapping(fields: Fields) -> int:
    return objects[number(fields, "m")]


def prefault(fields: Fields) -> int:
    return prefaults[number(fields, "p")][0]


def text(fields: Fields, key: str) -> str:
    return os.fsdecode(unquote_to_bytes(fields[key]))


def path(fields: Fields) -> str:
    return text(fields, "path")


def data(fields: Fields) -> bytes:
    digits = fields["data"]
    if not digits.startswith("fill:"):
        return bytes.fromhex(digits)
    unit, count = digits.removeprefix("fill:").split("*")
    return bytes.fromhex(unit) * int(count)


def percent(content: str | bytes) -> str:
    return quote(content, safe="/").replace("~", "%7E")


def told(content: bytes) -> str:
    shown = f"data={content.hex()}" if len(content) <= 256 else f"crc={zlib.crc32(content):08x}"
    return f"n={len(content)} {shown}"


def last_error(result: int) -> str:
    kind, message = bytearray(64), bytearray(1024)
    kind_size = stdbind.stdbind_error_kind_name(result, kind)
    message_size = stdbind.stdbind_last_error_message(message)
    os_number = stdbind.stdbind_last_error_os()
    return f"err {kind[:kind_size].decode()} os={os_number} message={percent(bytes(message[:message_size]))}"


# ---- operations ----


def drop(handle: int) -> None:
    if stdbind.stdbind_mmap_is_closed(handle) == 1:
        return
    while stdbind.stdbind_mmap_close(handle) == -stdbind.STDBIND_ERROR_BUSY:
        if stdbind.stdbind_mmap_view_end(handle) < 0:  # no view is left: it is a prefault that runs
            drop_prefaults(handle)


def drop_prefaults(of: int | None = None) -> None:
    for handle, busy in prefaults.values():
        if of in (None, busy):
            stdbind.stdbind_prefault_close(handle)


def keep(fields: Fields, handle: int) -> str:
    objects[number(fields, "m")] = check(handle)
    return ""


def drop_old(fields: Fields) -> None:
    if (old := objects.pop(number(fields, "m"), None)) is not None:
        drop(old)


def place(fields: Fields) -> tuple[int, int, int]:
    return number(fields, "mode"), number(fields, "offset"), number(fields, "length", -1)


def extras(fields: Fields) -> tuple[int, int]:
    return number(fields, "address"), number(fields, "options")


def hello(_: Fields) -> str:
    tool = percent(f"Python {platform.python_version()}")
    abi, page = stdbind.stdbind_abi_version(), stdbind.stdbind_page_size()
    return f"language=python-swig abi={abi} page={page} tool={tool}"


def reset(_: Fields) -> str:
    drop_prefaults()
    prefaults.clear()
    for handle in objects.values():
        drop(handle)
    objects.clear()
    return f"live={stdbind.stdbind_live_handles()}"


def map_path(fields: Fields) -> str:
    drop_old(fields)
    return keep(fields, stdbind.stdbind_mmap_open_path_with(path(fields), *place(fields), *extras(fields)))


def map_fd(fields: Fields) -> str:
    drop_old(fields)
    try:
        fd = os.open(path(fields), os.O_RDWR if fields["access"] == "rw" else os.O_RDONLY)
    except OSError:
        fd = -1
    handle = stdbind.stdbind_mmap_open_fd_with(fd, *place(fields), *extras(fields))
    if fd >= 0:
        os.close(fd)
    return keep(fields, handle)


def anon(fields: Fields) -> str:
    drop_old(fields)
    length, mode = number(fields, "length"), number(fields, "mode")
    return keep(fields, stdbind.stdbind_mmap_open_anonymous_with(length, mode, *extras(fields)))


def beneath(fields: Fields) -> str:
    drop_old(fields)
    root, options = text(fields, "root"), number(fields, "options")
    return keep(fields, stdbind.stdbind_mmap_open_beneath(root, path(fields), *place(fields), options))


def create(fields: Fields) -> str:
    drop_old(fields)
    mode, length, options = number(fields, "mode"), number(fields, "length"), number(fields, "options")
    return keep(fields, stdbind.stdbind_mmap_create_path(path(fields), mode, length, options))


def named_create(fields: Fields) -> str:
    drop_old(fields)
    mode, length = number(fields, "mode"), number(fields, "length")
    return keep(fields, stdbind.stdbind_mmap_create_named(text(fields, "name"), mode, length))


def named_open(fields: Fields) -> str:
    drop_old(fields)
    return keep(fields, stdbind.stdbind_mmap_open_named(text(fields, "name"), *place(fields)))


def sealed(fields: Fields) -> str:
    drop_old(fields)
    return keep(fields, stdbind.stdbind_mmap_open_sealed(number(fields, "length"), number(fields, "mode")))


def handover(fields: Fields) -> str:
    fd = check(stdbind.stdbind_mmap_descriptor(mapping(fields)))
    fields = fields | {"m": fields["to"]}
    drop_old(fields)
    handle = stdbind.stdbind_mmap_open_fd_with(fd, *place(fields), 0, 0)
    os.close(fd)
    return keep(fields, handle)


@contextmanager
def opened(name: str, mode: int) -> Iterator[int]:
    handle = check(stdbind.stdbind_mmap_open_path(name, mode, 0, -1, 0))
    try:
        yield handle
    finally:
        stdbind.stdbind_mmap_close(handle)


def scoped(fields: Fields) -> str:
    with opened(path(fields), number(fields, "mode")) as handle:
        content = read_into(lambda room: stdbind.stdbind_mmap_read(handle, room), number(fields, "size"))
    return f"{told(content)} live={stdbind.stdbind_live_handles()}"


def read_into(call, size: int) -> bytes:
    """Reads into memory of this size; a size that no memory could have goes to the library as it is."""
    if not 0 <= size <= 1 << 32:
        return bytes(check(call(size)))
    room = bytearray(size)
    return bytes(room[: check(call(room))])


def read(fields: Fields) -> str:
    handle, size = mapping(fields), number(fields, "size")
    if size == -1:
        size = check(stdbind.stdbind_mmap_length(handle)) - check(stdbind.stdbind_mmap_tell(handle))
    return told(read_into(lambda room: stdbind.stdbind_mmap_read(handle, room), size))


def read_at(fields: Fields) -> str:
    handle, offset = mapping(fields), number(fields, "offset")
    return told(read_into(lambda room: stdbind.stdbind_mmap_read_at(handle, offset, room), number(fields, "size")))


def write(fields: Fields) -> str:
    return f"n={check(stdbind.stdbind_mmap_write(mapping(fields), data(fields)))}"


def write_text(fields: Fields) -> str:
    content = unquote_to_bytes(fields["text"]).decode()
    return f"n={check(stdbind.stdbind_mmap_write(mapping(fields), content.encode()))}"


def write_at(fields: Fields) -> str:
    return f"n={check(stdbind.stdbind_mmap_write_at(mapping(fields), number(fields, 'offset'), data(fields)))}"


def seek(fields: Fields) -> str:
    whence = getattr(stdbind, "STDBIND_SEEK_" + fields["whence"].upper())
    return f"pos={check(stdbind.stdbind_mmap_seek(mapping(fields), number(fields, 'offset'), whence))}"


def span(fields: Fields) -> tuple[int, int]:
    return number(fields, "offset"), number(fields, "length", -1)


def view(fields: Fields) -> str:
    length, address = stdbind.stdbind_mmap_view_begin(mapping(fields), *span(fields))
    return f"{told(ctypes.string_at(address, check(length)))} address={address}"


def done(result: int) -> str:
    check(result)
    return ""


def advise(fields: Fields) -> str:
    advice = getattr(stdbind, "STDBIND_ADVICE_" + fields["advice"].upper())
    return done(stdbind.stdbind_mmap_advise(mapping(fields), *span(fields), advice))


def update(fields: Fields) -> str:
    return f"n={check(stdbind.stdbind_mmap_update(mapping(fields), number(fields, 'offset'), data(fields)))}"


def read_direct(fields: Fields) -> str:
    name, offset, size = path(fields), number(fields, "offset"), number(fields, "size")
    if not 0 < size <= 1 << 32:
        return told(bytes(check(stdbind.stdbind_read_direct(name, offset, size))))
    with mmap.mmap(-1, size) as room:  # whole pages: aligned
        return told(room[: check(stdbind.stdbind_read_direct(name, offset, room))])


def start_prefault(fields: Fields) -> str:
    if (old := prefaults.pop(number(fields, "p"), None)) is not None:
        stdbind.stdbind_prefault_close(old[0])
    handle, deadline = mapping(fields), number(fields, "deadline", -1)
    started = check(stdbind.stdbind_prefault_start(handle, *span(fields), deadline))
    prefaults[number(fields, "p")] = (started, handle)
    return ""


def execute(fields: Fields) -> str:
    handle = mapping(fields)
    length, address = stdbind.stdbind_mmap_view_begin(handle, number(fields, "offset"), -1)
    check(length)
    value = ctypes.CFUNCTYPE(ctypes.c_int64)(address)()
    stdbind.stdbind_mmap_view_end(handle)
    return f"value={value}"


OPENING = {"map", "map_fd", "anon", "beneath", "create", "named_create", "named_open", "sealed"}
OPERATIONS = {
    "hello": hello,
    "bye": reset,
    "reset": reset,
    "live": lambda fields: f"n={check(stdbind.stdbind_live_handles())}",
    "page_size": lambda fields: f"n={check(stdbind.stdbind_page_size())}",
    "map": map_path,
    "map_fd": map_fd,
    "anon": anon,
    "scoped": scoped,
    "len": lambda fields: f"n={check(stdbind.stdbind_mmap_length(mapping(fields)))}",
    "mode": lambda fields: f"n={check(stdbind.stdbind_mmap_mode(mapping(fields)))}",
    "read": read,
    "write": write,
    "write_text": write_text,
    "read_at": read_at,
    "write_at": write_at,
    "seek": seek,
    "tell": lambda fields: f"pos={check(stdbind.stdbind_mmap_tell(mapping(fields)))}",
    "view": view,
    "unview": lambda fields: done(stdbind.stdbind_mmap_view_end(mapping(fields))),
    "probe": lambda fields: done(stdbind.stdbind_mmap_probe(mapping(fields), *span(fields))),
    "flush": lambda fields: done(stdbind.stdbind_mmap_flush(mapping(fields), *span(fields))),
    "advise": advise,
    "exec": execute,
    "is_closed": lambda fields: f"value={check(stdbind.stdbind_mmap_is_closed(mapping(fields)))}",
    "close": lambda fields: done(stdbind.stdbind_mmap_close(mapping(fields))),
    "beneath": beneath,
    "create": create,
    "named_create": named_create,
    "named_open": named_open,
    "named_unlink": lambda fields: done(stdbind.stdbind_mmap_unlink_named(text(fields, "name"))),
    "sealed": sealed,
    "handover": handover,
    "resize": lambda fields: done(stdbind.stdbind_mmap_resize(mapping(fields), number(fields, "length"))),
    "protect": lambda fields: done(stdbind.stdbind_mmap_protect(mapping(fields), number(fields, "mode"))),
    "make_executable": lambda fields: done(stdbind.stdbind_mmap_make_executable(mapping(fields))),
    "lock": lambda fields: done(stdbind.stdbind_mmap_lock(mapping(fields), *span(fields))),
    "unlock": lambda fields: done(stdbind.stdbind_mmap_unlock(mapping(fields), *span(fields))),
    "resident": lambda fields: f"n={check(stdbind.stdbind_mmap_resident(mapping(fields), *span(fields)))}",
    "is_mapped": lambda fields: f"value={check(stdbind.stdbind_mmap_is_mapped(mapping(fields)))}",
    "is_stale": lambda fields: f"value={check(stdbind.stdbind_mmap_is_stale(mapping(fields)))}",
    "update": update,
    "flush_async": lambda fields: done(stdbind.stdbind_mmap_flush_async(mapping(fields), *span(fields))),
    "positioned_limit": lambda fields: f"n={check(stdbind.stdbind_set_positioned_limit(number(fields, 'bytes')))}",
    "read_direct": read_direct,
    "prefault": start_prefault,
    "prefault_done": lambda fields: f"n={check(stdbind.stdbind_prefault_done(prefault(fields)))}",
    "prefault_total": lambda fields: f"n={check(stdbind.stdbind_prefault_total(prefault(fields)))}",
    "prefault_wait": lambda fields: done(stdbind.stdbind_prefault_wait(prefault(fields), number(fields, "timeout", -1))),
    "prefault_cancel": lambda fields: done(stdbind.stdbind_prefault_cancel(prefault(fields))),
    "prefault_close": lambda fields: done(stdbind.stdbind_prefault_close(prefault(fields))),
}


def answer(operation: str, fields: Fields) -> str:
    if operation not in OPERATIONS:
        return "unsupported"
    if "m" in fields and operation not in OPENING and number(fields, "m") not in objects:
        return "err closed os=0 message="
    if "p" in fields and operation != "prefault" and number(fields, "p") not in prefaults:
        return "err closed os=0 message="
    try:
        return f"ok {OPERATIONS[operation](fields)}".rstrip(" ")
    except Failed as failed:
        return last_error(failed.args[0])


def main() -> None:
    requests = open(sys.argv[1], encoding="ascii") if len(sys.argv) > 1 else sys.stdin
    for line in requests:
        seq, operation, *rest = line.split()
        fields = dict(field.split("=", 1) for field in rest)
        print(seq, answer(operation, fields), flush=True)
        if operation == "bye":
            break


if __name__ == "__main__":
    main()

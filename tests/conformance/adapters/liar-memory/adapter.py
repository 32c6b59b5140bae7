"""An adapter without mmap: it reads the file when it is opened, and works in its own memory from then on.

What it answers is right wherever no other process, no file and no system is looked at.
"""

import os
import stat
import sys
import zlib
from urllib.parse import quote, unquote_to_bytes

READ, WRITE, EXEC, COW, ALLOW_WX = 1, 2, 4, 8, 16
GROW, UPDATE, WATCH, STRICT, POPULATE, ANY_FILE, RANDOM, HUGE, HUGETLB_2M, HUGETLB_1G = (1 << bit for bit in range(10))
FILE_OPTIONS = GROW | UPDATE | WATCH | STRICT | POPULATE | ANY_FILE | RANDOM
MEMORY_OPTIONS = GROW | POPULATE | RANDOM | HUGE | HUGETLB_2M | HUGETLB_1G
UNLIMITED = (1 << 60) - 1
PAGE = os.sysconf("SC_PAGE_SIZE")
SYSTEM_KINDS = {
    FileNotFoundError: "not_found",
    NotADirectoryError: "not_found",
    FileExistsError: "already_exists",
    PermissionError: "permission_denied",
    IsADirectoryError: "wrong_file_type",
}


class Refused(Exception):
    """Carries the kind of an error."""


class Memory:
    """What would be a mapping: bytes, a cursor, pinned views."""

    def __init__(self, content: bytearray, mode: int, options: int = 0, kind: str = "file"):
        self.content = content
        self.mode = mode
        self.options = options
        self.kind = kind
        self.was_writable = bool(mode & WRITE)
        self.positioned = kind == "file" and mode & 7 == READ and len(content) > limit
        self.cursor = 0
        self.views = 0
        self.closed = False

    def check_mapped(self) -> None:
        if self.positioned:
            raise Refused("unsupported")

    def check_unused(self) -> None:
        if self.views > 0:
            raise Refused("busy")

    def resize(self, length: int) -> None:
        if length < 0 or (self.kind == "memory" and length == 0):
            raise Refused("invalid_argument")
        self.check_unused()
        private = self.kind == "memory" and self.mode & COW
        if not private and not self.options & GROW:
            raise Refused("unsupported")
        if length > 1 << 30:
            raise Refused("no_memory")
        if self.kind == "file" and not self.mode & WRITE and length > len(self.content):
            raise Refused("out_of_bounds")
        self.content[:] = self.content[:length].ljust(length, b"\0")
        self.cursor = min(self.cursor, length)

    def protect(self, mode: int) -> None:
        if mode & ~(7 | self.mode & COW):
            raise Refused("invalid_argument")
        if not self.mode & ALLOW_WX:
            if mode & WRITE and mode & EXEC:
                raise Refused("invalid_argument")
            if mode & EXEC and self.was_writable:
                raise Refused("permission_denied")
        self.become(mode)

    def become(self, mode: int) -> None:
        self.check_mapped()
        self.check_unused()
        if mode & WRITE and self.kind == "file" and not self.was_writable and not self.mode & COW:
            raise Refused("permission_denied")
        self.mode = mode & 7 | self.mode & (COW | ALLOW_WX)

    def update(self, offset: int, data: bytes) -> int:
        if self.kind != "file" or not self.options & UPDATE:
            raise Refused("unsupported")
        if self.mode & COW:
            raise Refused("not_writable")
        return self.write_at(offset, data)

    def check_range(self, offset: int, size: int) -> None:
        if offset < 0 or offset > len(self.content) or size > len(self.content) - offset:
            raise Refused("out_of_bounds")

    def range(self, offset: int, length: int) -> tuple[int, int]:
        if length < -1:
            raise Refused("invalid_argument")
        self.check_range(offset, max(length, 0))
        return offset, len(self.content) - offset if length == -1 else length

    def check_readable(self) -> None:
        if not self.mode & (READ | WRITE):
            raise Refused("permission_denied")

    def read_at(self, offset: int, size: int) -> bytes:
        self.check_readable()
        self.check_range(offset, size)
        return bytes(self.content[offset : offset + size])

    def read(self, size: int) -> bytes:
        if size < -1:
            raise Refused("invalid_argument")
        self.check_readable()
        end = len(self.content) if size == -1 else min(len(self.content), self.cursor + size)
        data = bytes(self.content[self.cursor : end])
        self.cursor = end
        return data

    def write_at(self, offset: int, data: bytes) -> int:
        if not self.mode & WRITE:
            raise Refused("not_writable")
        self.check_range(offset, len(data))
        self.content[offset : offset + len(data)] = data
        return len(data)

    def write(self, data: bytes) -> int:
        count = self.write_at(self.cursor, data)
        self.cursor += count
        return count

    def seek(self, offset: int, whence: str) -> int:
        place = offset + {"set": 0, "cur": self.cursor, "end": len(self.content)}[whence]
        if not 0 <= place <= len(self.content):
            raise Refused("out_of_bounds")
        self.cursor = place
        return place


class Loading:
    """What would be a prefault: all is there at once."""

    def __init__(self, total: int):
        self.total = total
        self.closed = False


objects: dict[int, Memory] = {}
loadings: dict[int, Loading] = {}
named: dict[bytes, Memory] = {}
limit = UNLIMITED


def live() -> int:
    return sum(not one.closed for one in [*objects.values(), *loadings.values()])


def check_options(options: int, mode: int, allowed: int) -> None:
    huge = options & (HUGE | HUGETLB_2M | HUGETLB_1G)
    if options & ~allowed or (options & STRICT and not options & WATCH) or huge & (huge - 1):
        raise Refused("invalid_argument")
    if allowed == FILE_OPTIONS and options & GROW and mode & COW:
        raise Refused("invalid_argument")
    if options & POPULATE and not mode & (READ | WRITE):
        raise Refused("invalid_argument")


def check_mode(mode: int) -> None:
    if mode & ~31 or (mode & WRITE and mode & EXEC and not mode & ALLOW_WX):
        raise Refused("invalid_argument")


def load(
    path: bytes, mode: int, offset: int, length: int, address: int, access: str = "", options: int = 0
) -> Memory:
    check_mode(mode)
    check_options(options, mode, FILE_OPTIONS)
    if length < -1 or address < 0 or b"\0" in path or len(os.path.basename(path)) > 255:
        raise Refused("invalid_argument")
    must_write = bool(mode & WRITE) and not mode & COW
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise Refused("wrong_file_type")
    if access == "r" and must_write:
        raise Refused("permission_denied")
    with open(path, "r+b" if must_write else "rb") as file:
        if offset < 0 or offset > status.st_size or length > status.st_size - offset:
            raise Refused("out_of_bounds")
        size = status.st_size - offset if length == -1 else length
        if size > 1 << 30:
            raise Refused("no_memory")
        file.seek(offset)
        return Memory(bytearray(file.read(size)), mode, options)


def anonymous(length: int, mode: int, address: int = 0, options: int = 0, kind: str = "memory") -> Memory:
    if length < 1 or address < 0:
        raise Refused("invalid_argument")
    check_mode(mode)
    check_options(options, mode, MEMORY_OPTIONS)
    if length > 1 << 30:
        raise Refused("no_memory")
    return Memory(bytearray(length), mode, options, kind)


def beneath(root: bytes, path: bytes, mode: int, offset: int, length: int, options: int) -> Memory:
    if b"\0" in path:
        raise Refused("invalid_argument")
    if path.startswith(b"/") or b".." in path.split(b"/"):
        raise Refused("permission_denied")
    if b"" in path.split(b"/"):
        raise Refused("invalid_argument")
    place = root
    for component in path.split(b"/"):
        place = os.path.join(place, component)
        if os.path.islink(place):
            raise Refused("permission_denied")
    return load(place, mode, offset, length, 0, options=options)


def create(path: bytes, mode: int, length: int, options: int) -> Memory:
    check_mode(mode)
    check_options(options, mode, FILE_OPTIONS)
    if length < 0 or b"\0" in path or not path:
        raise Refused("invalid_argument")
    if os.path.lexists(path):
        raise Refused("already_exists")
    os.stat(os.path.dirname(path))
    if length > 1 << 30:
        raise Refused("no_space")
    return Memory(bytearray(length), mode, options)


def plain_name(name: bytes) -> bytes:
    name = name.removeprefix(b"/")
    if not name or name in (b".", b"..") or b"/" in name or b"\0" in name or len(name) > 249:
        raise Refused("invalid_argument")
    return name


def part_of(memory: Memory, mode: int, offset: int, length: int, kind: str) -> Memory:
    check_mode(mode)
    start, size = memory.range(offset, length)
    whole = start == 0 and size == len(memory.content) and not mode & COW
    return Memory(memory.content if whole else memory.content[start : start + size], mode, 0, kind)


def run_named(operation: str, number: int, name: bytes, mode: int, offset: int, length: int) -> str:
    name = plain_name(name)
    if operation == "named_create":
        if name in named:
            raise Refused("already_exists")
        objects[number] = named[name] = anonymous(length, mode, kind="named")
        return "ok"
    if name not in named:
        raise Refused("not_found")
    if operation == "named_open":
        objects[number] = part_of(named[name], mode, offset, length, "named")
    else:
        del named[name]
    return "ok"


def run_prefault(operation: str, number: int, fields: dict[str, str]) -> str:
    if operation == "prefault":
        memory = objects[int(fields["m"])]
        if memory.closed:
            raise Refused("closed")
        if int(fields.get("deadline", -1)) < -1:
            raise Refused("invalid_argument")
        memory.check_mapped()
        memory.check_readable()
        loadings[number] = Loading(memory.range(int(fields.get("offset", 0)), int(fields.get("length", -1)))[1])
        return "ok"
    if number not in loadings or loadings[number].closed:
        raise Refused("closed")
    if operation in ("prefault_done", "prefault_total"):
        return f"ok n={loadings[number].total}"
    if operation == "prefault_wait" and int(fields.get("timeout", -1)) < -1:
        raise Refused("invalid_argument")
    loadings[number].closed = operation == "prefault_close"
    return "ok"


def read_direct(path: bytes, offset: int, size: int) -> str:
    if offset < 0:
        raise Refused("out_of_bounds")
    if offset % 4096 or size % 4096:
        raise Refused("invalid_argument")
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise Refused("wrong_file_type")
    with open(path, "rb") as file:
        file.seek(offset)
        return answer_bytes(file.read(size))


def request_bytes(text: str) -> bytes:
    if not text.startswith("fill:"):
        return bytes.fromhex(text)
    unit, count = text[5:].split("*")
    return bytes.fromhex(unit) * int(count)


def answer_bytes(data: bytes) -> str:
    told = f"data={data.hex()}" if len(data) <= 256 else f"crc={zlib.crc32(data):08x}"
    return f"ok n={len(data)} {told}"


def run_on(memory: Memory, operation: str, fields: dict[str, str]) -> str:
    offset = int(fields.get("offset", 0))
    length = int(fields.get("length", -1))
    if operation == "is_closed":
        return f"ok value={int(memory.closed)}"
    if memory.closed:
        raise Refused("closed")
    if operation == "len":
        return f"ok n={len(memory.content)}"
    if operation == "mode":
        return f"ok n={memory.mode}"
    if operation == "read":
        return answer_bytes(memory.read(int(fields["size"])))
    if operation == "read_at":
        return answer_bytes(memory.read_at(offset, int(fields["size"])))
    if operation == "write":
        return f"ok n={memory.write(request_bytes(fields['data']))}"
    if operation == "write_text":
        return f"ok n={memory.write(unquote_to_bytes(fields['text']))}"
    if operation == "write_at":
        return f"ok n={memory.write_at(offset, request_bytes(fields['data']))}"
    if operation == "seek":
        return f"ok pos={memory.seek(offset, fields['whence'])}"
    if operation == "tell":
        return f"ok pos={memory.cursor}"
    if operation == "update":
        return f"ok n={memory.update(offset, request_bytes(fields['data']))}"
    if operation == "is_mapped":
        return f"ok value={int(not memory.positioned)}"
    if operation == "is_stale":
        if not memory.options & WATCH:
            raise Refused("unsupported")
        return "ok value=0"
    if operation == "resize":
        memory.resize(int(fields["length"]))
        return "ok"
    if operation == "protect":
        memory.protect(int(fields["mode"]))
        return "ok"
    if operation == "make_executable":
        memory.become(READ | EXEC)
        return "ok"
    if operation in ("lock", "unlock", "resident"):
        memory.check_mapped()
        if operation == "lock":
            memory.check_readable()
        size = memory.range(offset, length)[1]
        return f"ok n={size}" if operation == "resident" else "ok"
    if operation == "view":
        memory.check_mapped()
        start, size = memory.range(offset, length)
        memory.views += 1
        return answer_bytes(bytes(memory.content[start : start + size])) + f" address={id(memory.content)}"
    if operation == "unview":
        if memory.views == 0:
            raise Refused("invalid_argument")
        memory.views -= 1
        return "ok"
    if operation in ("probe", "flush", "flush_async", "advise"):
        if operation == "probe":
            memory.check_readable()
        memory.range(offset, length)
        return "ok"
    if operation == "exec":
        return "ok value=0"
    if memory.views > 0:
        raise Refused("busy")
    memory.closed = True
    return "ok"


def run(operation: str, fields: dict[str, str]) -> str:
    number = int(fields.get("m", 0))
    path = unquote_to_bytes(fields.get("path", ""))
    mode = int(fields.get("mode", 0))
    offset, length = int(fields.get("offset", 0)), int(fields.get("length", -1))
    place = offset, length, int(fields.get("address", 0))
    options = int(fields.get("options", 0))
    global limit
    if operation == "hello":
        return f"ok language=liar-memory abi=1 page={PAGE} tool=none"
    if operation in ("reset", "bye"):
        objects.clear()
        loadings.clear()
        named.clear()
        return f"ok live={live()}"
    if operation == "live":
        return f"ok n={live()}"
    if operation == "page_size":
        return f"ok n={PAGE}"
    if operation in ("map", "map_fd", "anon"):
        objects.pop(number, None)
        if operation == "anon":
            objects[number] = anonymous(length, mode, place[2], options)
        else:
            objects[number] = load(path, mode, *place, fields.get("access", ""), options)
        return "ok"
    if operation in ("beneath", "create", "sealed"):
        objects.pop(number, None)
        if operation == "beneath":
            root = unquote_to_bytes(fields["root"])
            objects[number] = beneath(root, path, mode, offset, length, options)
        elif operation == "create":
            objects[number] = create(path, mode, length, options)
        else:
            objects[number] = anonymous(length, mode, kind="sealed")
        return "ok"
    if operation.startswith("named_"):
        return run_named(operation, number, unquote_to_bytes(fields["name"]), mode, offset, length)
    if operation == "positioned_limit":
        bytes_ = int(fields["bytes"])
        if bytes_ < -1:
            raise Refused("invalid_argument")
        before, limit = limit, UNLIMITED if bytes_ == -1 else bytes_
        return f"ok n={before}"
    if operation == "read_direct":
        return read_direct(path, offset, int(fields["size"]))
    if "p" in fields and (operation != "prefault" or number in objects):
        return run_prefault(operation, int(fields["p"]), fields)
    if operation == "scoped":
        data = load(path, mode, *place).read(int(fields["size"]))
        return answer_bytes(data) + f" live={live()}"
    if number not in objects:
        raise Refused("closed")
    if operation == "handover":
        giver = objects[number]
        if giver.closed:
            raise Refused("closed")
        if giver.kind != "sealed" and not giver.options & (GROW | UPDATE | WATCH):
            raise Refused("unsupported")
        objects[int(fields["to"])] = part_of(giver, mode, offset, length, giver.kind)
        return "ok"
    return run_on(objects[number], operation, fields)


for line in sys.stdin:
    sequence, operation, *pairs = line.split()
    try:
        answer = run(operation, dict(pair.split("=", 1) for pair in pairs))
    except Refused as refused:
        answer = f"err {refused} os=0 message={quote(str(refused))}"
    except OSError as error:
        kind = SYSTEM_KINDS.get(type(error), "io")
        answer = f"err {kind} os={error.errno} message={quote(str(error))}"
    print(sequence, answer, flush=True)
    if operation == "bye":
        break

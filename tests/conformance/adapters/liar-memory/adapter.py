"""An adapter without mmap: it reads the file when it is opened, and works in its own memory from then on.

What it answers is right wherever no other process, no file and no system is looked at.
"""

import os
import stat
import sys
import zlib
from urllib.parse import quote, unquote_to_bytes

READ, WRITE, EXEC, COW, ALLOW_WX = 1, 2, 4, 8, 16
PAGE = os.sysconf("SC_PAGE_SIZE")
SYSTEM_KINDS = {
    FileNotFoundError: "not_found",
    NotADirectoryError: "not_found",
    PermissionError: "permission_denied",
    IsADirectoryError: "wrong_file_type",
}


class Refused(Exception):
    """Carries the kind of an error."""


class Memory:
    """What would be a mapping: bytes, a cursor, pinned views."""

    def __init__(self, content: bytearray, mode: int):
        self.content = content
        self.mode = mode
        self.cursor = 0
        self.views = 0
        self.closed = False

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


objects: dict[int, Memory] = {}


def live() -> int:
    return sum(not memory.closed for memory in objects.values())


def check_mode(mode: int) -> None:
    if mode & ~31 or (mode & WRITE and mode & EXEC and not mode & ALLOW_WX):
        raise Refused("invalid_argument")


def load(path: bytes, mode: int, offset: int, length: int, address: int, access: str = "") -> Memory:
    check_mode(mode)
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
        return Memory(bytearray(file.read(size)), mode)


def anonymous(length: int, mode: int, address: int) -> Memory:
    if length < 1 or address < 0:
        raise Refused("invalid_argument")
    check_mode(mode)
    if length > 1 << 30:
        raise Refused("no_memory")
    return Memory(bytearray(length), mode)


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
    if operation == "view":
        start, size = memory.range(offset, length)
        memory.views += 1
        return answer_bytes(bytes(memory.content[start : start + size])) + f" address={id(memory.content)}"
    if operation == "unview":
        if memory.views == 0:
            raise Refused("invalid_argument")
        memory.views -= 1
        return "ok"
    if operation in ("probe", "flush", "advise"):
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
    place = int(fields.get("offset", 0)), int(fields.get("length", -1)), int(fields.get("address", 0))
    if operation == "hello":
        return f"ok language=liar-memory abi=1 page={PAGE} tool=none"
    if operation in ("reset", "bye"):
        objects.clear()
        return f"ok live={live()}"
    if operation == "live":
        return f"ok n={live()}"
    if operation == "page_size":
        return f"ok n={PAGE}"
    if operation in ("map", "map_fd", "anon"):
        objects.pop(number, None)
        if operation == "anon":
            objects[number] = anonymous(place[1], mode, place[2])
        else:
            objects[number] = load(path, mode, *place, fields.get("access", ""))
        return "ok"
    if operation == "scoped":
        data = load(path, mode, *place).read(int(fields["size"]))
        return answer_bytes(data) + f" live={live()}"
    if number not in objects:
        raise Refused("closed")
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

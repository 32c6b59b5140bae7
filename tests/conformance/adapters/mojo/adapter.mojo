"""The conformance adapter for Mojo: requests on standard input, answers on standard output.

It is written over the `mmap` package as a user would, and keeps no opinion of its own.
"""

from std.ffi import c_int, external_call
from std.os import SEEK_CUR, SEEK_END, SEEK_SET
from std.sys import argv
from std.sys.defines import MOJO_VERSION, is_defined

from mmap import (
    Mmap,
    MmapAdvice,
    MmapErrorKind,
    MmapMode,
    Prefault,
    abi_version,
    error_kind,
    last_error_os,
    live_mappings,
    page_size,
    read_direct,
    set_positioned_limit,
)

from lines import LineReader, write_line
from opening import open_mapping
from request import Request
from text import bytes_fields, encode_text

comptime LANGUAGE = "mojo-linked" if is_defined["STDBIND_LINKED"]() else "mojo"

comptime OPENING_OPERATIONS = (
    " map map_fd anon beneath create named_create named_open sealed "
)
comptime OBJECT_OPERATIONS = (
    " len mode read write write_text read_at write_at seek tell view unview"
    " probe flush advise exec is_closed close handover resize protect"
    " make_executable lock unlock resident is_mapped is_stale update"
    " flush_async prefault "
)
comptime PREFAULT_OPERATIONS = (
    " prefault_done prefault_total prefault_wait prefault_cancel"
    " prefault_close "
)


struct Adapter:
    """The objects of a run, by their numbers."""

    var objects: List[Optional[Mmap]]
    # They lie beside their mappings here, where the compiler cannot watch them.
    var prefaults: List[Optional[Prefault[ImmUntrackedOrigin]]]
    var prefaulted: List[Int]

    def __init__(out self):
        self.objects = [Optional[Mmap](None) for _ in range(16)]
        self.prefaults = [
            Optional[Prefault[ImmUntrackedOrigin]](None) for _ in range(16)
        ]
        self.prefaulted = List[Int](length=16, fill=0)

    def put(mut self, number: Int, var mapping: Optional[Mmap]):
        """Keeps a mapping in the place of another, which goes with its prefaults.
        """
        for i in range(16):
            if self.prefaulted[i] == number:
                self.prefaults[i] = None
        self.objects[number] = mapping^

    def reset(mut self):
        for number in range(16):
            self.put(number, None)

    def answer(mut self, request: Request) raises -> String:
        """Does what is asked.

        Args:
            request: The request.

        Returns:
            The answer after the sequence number.

        Raises:
            What the package raised.
        """
        var op = request.operation
        if op == "hello":
            return hello()
        elif op == "live":
            return String("ok n=", live_mappings())
        elif op == "reset" or op == "bye":
            self.reset()
            return String("ok live=", live_mappings())
        elif op == "page_size":
            return String("ok n=", page_size())
        elif op == "scoped":
            var bytes: List[Byte]
            with Mmap(
                request.text("path"), mode=MmapMode(request.number("mode"))
            ) as mapping:
                bytes = mapping.read_bytes(request.number("size"))
            return String("ok ", bytes_fields(bytes), " live=", live_mappings())
        elif op == "named_unlink":
            Mmap.unlink_named(request.text("name"))
        elif op == "positioned_limit":
            return String(
                "ok n=", set_positioned_limit(request.number("bytes"))
            )
        elif op == "read_direct":
            return answer_read_direct(request)
        elif String(" ", op, " ") in OPENING_OPERATIONS:
            self.put(request.number("m"), None)
            self.put(request.number("m"), open_mapping(request))
        elif String(" ", op, " ") in OBJECT_OPERATIONS:
            return self.answer_object(request)
        elif String(" ", op, " ") in PREFAULT_OPERATIONS:
            return self.answer_prefault(request)
        else:
            return "unsupported"
        return "ok"

    def answer_object(mut self, request: Request) raises -> String:
        """Does what is asked of an open mapping.

        Args:
            request: The request.

        Returns:
            The answer after the sequence number.

        Raises:
            What the package raised.
        """
        var op = request.operation
        var offset = request.number("offset", 0)
        var length = request.number("length", -1)
        ref object = self.objects[request.number("m")]
        if not object:
            raise Error(MmapErrorKind.CLOSED, ": nothing is open here")
        ref mapping = object.value()
        if op == "len":
            return String("ok n=", mapping.length())
        elif op == "mode":
            return String("ok n=", mapping.mode().value)
        elif op == "read":
            return String(
                "ok ", bytes_fields(mapping.read_bytes(request.number("size")))
            )
        elif op == "write":
            return String("ok n=", mapping.write(request.bytes("data")))
        elif op == "write_text":
            return String("ok n=", mapping.write(request.text("text")))
        elif op == "read_at":
            return String(
                "ok ",
                bytes_fields(mapping.read_at(offset, request.number("size"))),
            )
        elif op == "write_at":
            return String(
                "ok n=", mapping.write_at(offset, request.bytes("data"))
            )
        elif op == "seek":
            return String(
                "ok pos=", mapping.seek(offset, whence(request.text("whence")))
            )
        elif op == "tell":
            return String("ok pos=", mapping.tell())
        elif op == "view":
            var span = mapping.pin(offset, length)
            return String(
                "ok ", bytes_fields(span), " address=", Int(span.unsafe_ptr())
            )
        elif op == "unview":
            mapping.unpin()
        elif op == "probe":
            mapping.probe(offset, length)
        elif op == "flush":
            mapping.flush(offset, length)
        elif op == "advise":
            mapping.advise(advice(request.text("advice")), offset, length)
        elif op == "exec":
            var value = call(mapping.pin(offset))
            mapping.unpin()
            return String("ok value=", value)
        elif op == "is_closed":
            return String("ok value=", Int(mapping.is_closed()))
        elif op == "close":
            mapping.close()
        elif op == "handover":
            var fd = mapping.descriptor()
            try:
                self.put(request.number("to"), None)
                self.put(
                    request.number("to"),
                    Mmap(
                        fd=fd,
                        mode=MmapMode(request.number("mode")),
                        offset=offset,
                        length=length,
                    ),
                )
            finally:
                _ = external_call["close", c_int](c_int(fd.value))
        elif op == "resize":
            mapping.resize(length)
        elif op == "protect":
            mapping.protect(MmapMode(request.number("mode")))
        elif op == "make_executable":
            mapping.make_executable()
        elif op == "lock":
            mapping.lock(offset, length)
        elif op == "unlock":
            mapping.unlock(offset, length)
        elif op == "resident":
            return String("ok n=", mapping.resident(offset, length))
        elif op == "is_mapped":
            return String("ok value=", Int(mapping.is_mapped()))
        elif op == "is_stale":
            return String("ok value=", Int(mapping.is_stale()))
        elif op == "update":
            return String(
                "ok n=", mapping.update(offset, request.bytes("data"))
            )
        elif op == "flush_async":
            mapping.flush_async(offset, length)
        elif op == "prefault":
            var number = request.number("p")
            self.prefaults[number] = None
            var deadline = request.number("deadline", -1)
            var prefault = mapping.prefault(offset, length, deadline)
            self.prefaults[number] = (
                prefault^.unsafe_origin_cast[ImmUntrackedOrigin]()
            )
            self.prefaulted[number] = request.number("m")
        return "ok"

    def answer_prefault(mut self, request: Request) raises -> String:
        """Does what is asked of a prefault.

        Args:
            request: The request.

        Returns:
            The answer after the sequence number.

        Raises:
            What the package raised.
        """
        var op = request.operation
        ref place = self.prefaults[request.number("p")]
        if not place:
            raise Error(MmapErrorKind.CLOSED, ": no prefault is here")
        ref prefault = place.value()
        if op == "prefault_done":
            return String("ok n=", prefault.done())
        elif op == "prefault_total":
            return String("ok n=", prefault.total())
        elif op == "prefault_wait":
            prefault.wait(request.number("timeout", -1))
        elif op == "prefault_cancel":
            prefault.cancel()
        elif op == "prefault_close":
            prefault.close()
        return "ok"


def hello() raises -> String:
    return String(
        "ok language=",
        LANGUAGE,
        " abi=",
        abi_version(),
        " page=",
        page_size(),
        " tool=",
        String(
            MOJO_VERSION.major,
            ".",
            MOJO_VERSION.minor,
            ".",
            MOJO_VERSION.patch,
        ),
    )


def answer_read_direct(request: Request) raises -> String:
    """The bytes of a file, read into memory that begins with a page."""
    var size = request.number("size")
    var memory = Mmap(length=max(size, 1))
    var bytes = memory.as_mut_span()[:size]
    var count = read_direct(
        request.text("path"), request.number("offset"), bytes
    )
    return String("ok ", bytes_fields(bytes[:count]))


def whence(name: String) -> UInt8:
    """What a seek counts from, by its name in the protocol."""
    if name == "set":
        return SEEK_SET
    elif name == "cur":
        return SEEK_CUR
    elif name == "end":
        return SEEK_END
    return 255


def advice(name: String) -> MmapAdvice:
    """An advice by its name in the protocol."""
    for number in range(5):
        if name == String(MmapAdvice(number)).lower():
            return MmapAdvice(number)
    return MmapAdvice(-1)


def call(code: Span[Byte, _]) -> Int64:
    """Calls machine code as a C function."""
    comptime Function = def() thin abi("C") -> Int64
    var address = Int(code.unsafe_ptr())
    return Pointer(to=address).unsafe_bitcast[Function]()[]()


def answer_line(mut adapter: Adapter, line: String) -> String:
    """The whole answer to a request, errors included."""
    var sequence = "0"
    try:
        var request = Request(line)
        sequence = request.sequence
        return String(sequence, " ", adapter.answer(request))
    except e:
        var kind = error_kind(e)
        var message = String(e)
        if kind != MmapErrorKind.OTHER:
            message = String(String(e)[byte = message.find(": ") + 2 :])
        var os = 0
        try:
            os = last_error_os()
        except:
            pass
        return String(
            sequence,
            " err ",
            kind,
            " os=",
            os,
            " message=",
            encode_text(message),
        )


def main() raises:
    var adapter = Adapter()
    var lines = LineReader()
    while True:
        var line = lines.next()
        if not line:
            return
        write_line(answer_line(adapter, line.value()))
        if " bye" in line.value():
            return

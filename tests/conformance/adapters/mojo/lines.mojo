"""Standard input and output by lines.

The built-in `input` forgets what it read ahead, and `print` needs a free descriptor.
"""

from std.io import RawFileDescriptor


struct LineReader:
    """The lines of standard input, each as soon as it has come."""

    var _input: RawFileDescriptor
    var _pending: List[Byte]

    def __init__(out self):
        self._input = RawFileDescriptor(0)
        self._pending = []

    def next(mut self) raises -> Optional[String]:
        """Waits for the next line; nothing at the end of input."""
        var searched = 0
        while True:
            for i in range(searched, len(self._pending)):
                if self._pending[i] == Byte(ord("\n")):
                    var line = String(unsafe_from_utf8=Span(self._pending)[:i])
                    self._pending = List[Byte](Span(self._pending)[i + 1 :])
                    return line^
            searched = len(self._pending)
            var chunk = List[Byte](unsafe_uninit_length=65536)
            var count = self._input.read_bytes(chunk)
            if count == 0:
                return None
            self._pending.extend(Span(chunk)[:count])


def write_line(text: String):
    """Writes a line to standard output at once."""
    var output = RawFileDescriptor(1)
    output.write_bytes(String(text, "\n").as_bytes())

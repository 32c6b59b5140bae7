"""One request of the conformance protocol: `<seq> <op> key=value …`."""

from text import decode_bytes, decode_text


struct Request:
    """A line, taken apart. A value that is missing or wrong raises."""

    var sequence: String
    var operation: String
    var values: Dict[String, String]

    def __init__(out self, line: String) raises:
        var fields = line.split(" ")
        if len(fields) < 2:
            raise Error("not a request: ", line)
        self.sequence = String(fields[0])
        self.operation = String(fields[1])
        self.values = {}
        for field in fields[2:]:
            var equals = field.find("=")
            if equals < 0:
                raise Error("not a field: ", field)
            self.values[String(field[byte=:equals])] = String(
                field[byte = equals + 1 :]
            )

    def number(self, key: String) raises -> Int:
        return Int(self.values[key])

    def number(self, key: String, default: Int) raises -> Int:
        return self.number(key) if key in self.values else default

    def text(self, key: String) raises -> String:
        return decode_text(self.values[key])

    def bytes(self, key: String) raises -> List[Byte]:
        return decode_bytes(self.values[key])

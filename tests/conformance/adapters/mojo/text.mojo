"""How the conformance protocol writes text and bytes."""

comptime DIGITS = "0123456789abcdef"
comptime LONGEST = 256
"""More bytes than this are told by their CRC-32."""


def decode_hex(text: StringSpan[_]) raises -> List[Byte]:
    """Bytes from two digits each, of either case."""
    var digits = text.as_bytes()
    if len(digits) % 2 != 0:
        raise Error("an odd number of hex digits: ", text)
    var bytes = List[Byte](capacity=len(digits) // 2)
    for i in range(0, len(digits), 2):
        bytes.append(hex_value(digits[i]) * 16 + hex_value(digits[i + 1]))
    return bytes^


def hex_value(digit: Byte) raises -> Byte:
    if ord("0") <= Int(digit) <= ord("9"):
        return digit - Byte(ord("0"))
    var letter = digit | 0x20
    if ord("a") <= Int(letter) <= ord("f"):
        return letter - Byte(ord("a")) + 10
    raise Error("not a hex digit: ", digit)


def encode_hex(bytes: Span[Byte, _]) -> String:
    var digits = DIGITS.as_bytes()
    var text = List[Byte](capacity=2 * len(bytes))
    for byte in bytes:
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    return String(unsafe_from_utf8=text)


def decode_bytes(text: StringSpan[_]) raises -> List[Byte]:
    """`4142`, or `fill:4142*3` for a pattern and how often it comes."""
    if not text.startswith("fill:"):
        return decode_hex(text)
    var star = text.find("*")
    var pattern = decode_hex(text[byte=5:star])
    var count = Int(String(text[byte = star + 1 :]))
    var bytes = List[Byte](capacity=len(pattern) * count)
    for _ in range(count):
        bytes.extend(Span(pattern))
    return bytes^


def decode_text(text: StringSpan[_]) raises -> String:
    """Text whose bytes may be written as `%XX`."""
    var encoded = text.as_bytes()
    var bytes = List[Byte](capacity=len(encoded))
    var i = 0
    while i < len(encoded):
        if encoded[i] == Byte(ord("%")):
            bytes.extend(Span(decode_hex(text[byte = i + 1 : i + 3])))
            i += 3
        else:
            bytes.append(encoded[i])
            i += 1
    return String(unsafe_from_utf8=bytes)


def encode_text(text: String) -> String:
    """Text with every byte outside `A-Z a-z 0-9 . _ / -` as `%XX`."""
    comptime plain = (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-"
    )
    var encoded = List[Byte]()
    for byte in text.as_bytes():
        if byte in plain.as_bytes():
            encoded.append(byte)
        else:
            encoded.append(Byte(ord("%")))
            encoded.extend(encode_hex([byte]).upper().as_bytes())
    return String(unsafe_from_utf8=encoded)


def bytes_fields(bytes: Span[Byte, _]) -> String:
    """The fields that tell bytes in an answer."""
    if len(bytes) <= LONGEST:
        return String("n=", len(bytes), " data=", encode_hex(bytes))
    var crc = crc32(bytes)
    return String(
        "n=",
        len(bytes),
        " crc=",
        encode_hex(
            [Byte(crc >> 24), Byte(crc >> 16), Byte(crc >> 8), Byte(crc)]
        ),
    )


def crc32(bytes: Span[Byte, _]) -> UInt32:
    """The CRC-32 of zlib and PNG."""
    var table = List[UInt32](capacity=256)
    for i in range(256):
        var entry = UInt32(i)
        for _ in range(8):
            entry = (entry >> 1) ^ (UInt32(0xEDB88320) * (entry & 1))
        table.append(entry)
    var crc = ~UInt32(0)
    for byte in bytes:
        crc = table[Int((crc ^ UInt32(byte)) & 255)] ^ (crc >> 8)
    return ~crc

"""Files and bytes, as the tests need them."""


def write_file(name: String, text: String) raises:
    with open(name, "w") as file:
        file.write(text)


def read_file(name: String) raises -> String:
    with open(name, "r") as file:
        return file.read()


def text(bytes: List[Byte]) raises -> String:
    return String(from_utf8=bytes)


def bytes(text: String) -> List[Byte]:
    return List[Byte](text.as_bytes())

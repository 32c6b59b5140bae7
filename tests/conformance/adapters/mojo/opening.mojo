"""The operations that open a mapping."""

from mmap import Mmap, MmapMode, OpenOptions

from request import Request


def open_mapping(request: Request) raises -> Optional[Mmap]:
    """Opens what is asked for.

    Args:
        request: The request.

    Returns:
        The mapping; nothing if the operation opens none.

    Raises:
        What the package raised.
    """
    var op = request.operation
    var mode = MmapMode(request.number("mode"))
    var offset = request.number("offset", 0)
    var length = request.number("length", -1)
    var address = request.number("address", 0)
    var options = OpenOptions(request.number("options", 0))
    if op == "map":
        return Mmap(
            request.text("path"),
            mode=mode,
            offset=offset,
            length=length,
            address=address,
            options=options,
        )
    elif op == "map_fd":
        var file = open(request.text("path"), request.text("access"))
        var mapping = Mmap(
            fd=file,
            mode=mode,
            offset=offset,
            length=length,
            address=address,
            options=options,
        )
        file.close()
        return mapping^
    elif op == "anon":
        return Mmap(length=length, mode=mode, address=address, options=options)
    elif op == "beneath":
        return Mmap.open_beneath(
            request.text("root"),
            request.text("path"),
            mode=mode,
            offset=offset,
            length=length,
            options=options,
        )
    elif op == "create":
        return Mmap.create(
            request.text("path"), length=length, mode=mode, options=options
        )
    elif op == "named_create":
        return Mmap.create_named(request.text("name"), length=length, mode=mode)
    elif op == "named_open":
        return Mmap.open_named(
            request.text("name"), mode=mode, offset=offset, length=length
        )
    elif op == "sealed":
        return Mmap.open_sealed(length=length, mode=mode)
    return None

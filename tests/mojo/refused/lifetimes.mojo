"""Spans that are used too late. Each marked line is an error, and nothing else is."""

from mmap import Mmap, MmapMode, OpenOptions


def use(span: Span[Byte, _]):
    pass


def take(var map: Mmap):
    pass


def change(mut map: Mmap):
    pass


def after_close() raises:
    var map = Mmap("file")
    var span = map.as_span()
    map.close()
    use(span)  # refused: use of invalidated interior reference 'map["bytes"]'


def after_replacement() raises:
    var map = Mmap("file")
    var span = map.as_span()
    map = Mmap("other")
    use(span)  # refused: use of invalidated interior reference 'map["bytes"]'


def after_change() raises:
    var map = Mmap("file")
    var span = map.as_span()
    change(map)
    use(span)  # refused: use of invalidated interior reference 'map["bytes"]'


def pinned_after_close() raises:
    var map = Mmap("file")
    var lent = map.pin()
    map.unpin()
    map.close()
    use(lent)  # refused: use of invalidated interior reference 'map["bytes"]'


def after_move() raises:
    var map = Mmap("file")
    var span = map.as_span()
    take(map^)
    use(span)  # refused: use of uninitialized value


def writable_after_close() raises:
    var map = Mmap("file", mode=MmapMode.WRITE)
    var span = map.as_mut_span()
    map.close()
    span[0] = 1  # refused: use of invalidated interior reference 'map["bytes"]'


def two_writable_spans() raises:
    var map = Mmap("file", mode=MmapMode.WRITE)
    var first = map.as_mut_span()
    var second = map.as_mut_span()
    second[0] = 1
    first[0] = 1  # refused: use of invalidated interior reference


def after_resize() raises:
    var map = Mmap("file", mode=MmapMode.WRITE, options=OpenOptions.GROW)
    var span = map.as_span()
    map.resize(100)
    use(span)  # refused: use of invalidated interior reference 'map["bytes"]'


def written_after_resize() raises:
    var map = Mmap("file", mode=MmapMode.WRITE, options=OpenOptions.GROW)
    var span = map.as_mut_span()
    map.resize(100)
    span[0] = 1  # refused: use of invalidated interior reference 'map["bytes"]'


def pinned_after_resize() raises:
    var map = Mmap("file", mode=MmapMode.WRITE, options=OpenOptions.GROW)
    var lent = map.pin()
    map.unpin()
    map.resize(100)
    use(lent)  # refused: use of invalidated interior reference 'map["bytes"]'


def after_protect() raises:
    var map = Mmap("file")
    var span = map.as_span()
    map.protect(MmapMode.NONE)
    use(span)  # refused: use of invalidated interior reference 'map["bytes"]'


def after_make_executable() raises:
    var map = Mmap(length=100)
    var span = map.as_mut_span()
    map.make_executable()
    span[0] = 1  # refused: use of invalidated interior reference 'map["bytes"]'


def prefault_after_close() raises:
    var map = Mmap("file")
    var prefault = map.prefault()
    map.close()
    prefault.wait()  # refused: use of invalidated interior reference 'map["bytes"]'


def prefault_after_resize() raises:
    var map = Mmap(length=100, mode=MmapMode.COW)
    var prefault = map.prefault()
    map.resize(10)
    prefault.wait()  # refused: use of invalidated interior reference 'map["bytes"]'


def prefault_after_move() raises:
    var map = Mmap("file")
    var prefault = map.prefault()
    take(map^)
    prefault.wait()  # refused: use of uninitialized value 'map'


def valid() raises:
    var map = Mmap("file", mode=MmapMode.WRITE)
    var span = map.as_span()
    _ = map.seek(1)
    _ = map.write("text")
    _ = map.read_bytes(1)
    with map.prefault() as prefault:
        use(span)
        prefault.wait()
        _ = map.update(0, "text".as_bytes())
    use(span)
    map.resize(100)
    use(map.as_span())
    map.close()


def main() raises:
    after_close()
    after_replacement()
    after_change()
    pinned_after_close()
    after_move()
    writable_after_close()
    two_writable_spans()
    after_resize()
    written_after_resize()
    pinned_after_resize()
    after_protect()
    after_make_executable()
    prefault_after_close()
    prefault_after_resize()
    prefault_after_move()
    valid()

"""Prints what the package says about its library: the page size, or why there is none."""

from mmap import Mmap, error_kind, page_size


def main():
    try:
        print("page size", page_size())
        _ = Mmap(length=1)
    except e:
        print(error_kind(e))
        print(e)

"""The values that the package mmap has for the system's constants, as system_constants.c prints them."""

import mmap


def main():
    print("PROT_NONE", mmap.PROT_NONE.value)
    print("PROT_READ", mmap.PROT_READ.value)
    print("PROT_WRITE", mmap.PROT_WRITE.value)
    print("PROT_EXEC", mmap.PROT_EXEC.value)
    print("MAP_SHARED", mmap.MAP_SHARED.value)
    print("MAP_PRIVATE", mmap.MAP_PRIVATE.value)
    print("MAP_FIXED", mmap.MAP_FIXED.value)
    print("MAP_ANONYMOUS", mmap.MAP_ANONYMOUS.value)
    print("MS_ASYNC", mmap.MS_ASYNC.value)
    print("MS_INVALIDATE", mmap.MS_INVALIDATE.value)
    print("MS_SYNC", mmap.MS_SYNC.value)

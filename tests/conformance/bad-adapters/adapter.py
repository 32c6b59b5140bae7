"""An adapter that is right but for one thing, which its argument names."""

import ctypes
import mmap
import os
import resource
import signal
import sys
import time

fault = sys.argv[1]
kept = []
asked = 0
limit = 77

if fault == "exits-at-start":
    sys.exit("the language is not well today")
if fault == "hangs-at-start":
    time.sleep(1000)

for line in sys.stdin:
    sequence, operation, *pairs = line.split()
    fields = dict(pair.split("=", 1) for pair in pairs)
    answer = "ok"
    if operation == "hello":
        page = 12345 if fault == "other-pages" else os.sysconf("SC_PAGE_SIZE")
        answer = f"ok language=bad abi=1 page={page} tool=bad%201.0"
    elif operation == "live":
        answer = "ok n=0"
    elif operation in ("reset", "bye"):
        answer = "ok live=3" if fault == "keeps-handles" else "ok live=0"
    elif operation == "is_stale":  # true when it is asked for the third time
        asked += 1
        answer = f"ok value={int(asked >= 3)}"
    elif operation == "positioned_limit":
        answer, limit = f"ok n={limit}", int(fields["bytes"])
    elif operation == "named_create":
        os.close(os.open("/dev/shm/" + fields["name"], os.O_CREAT | os.O_RDWR))
    elif operation == "view":
        file = os.memfd_create("bad")
        os.ftruncate(file, mmap.PAGESIZE)
        memory = mmap.mmap(file, mmap.PAGESIZE)
        kept += [file, memory]
        answer = f"ok n=0 data= address={ctypes.addressof(ctypes.c_char.from_buffer(memory))}"
    elif operation == "page_size":  # here the fault shows
        answer = "ok n=4096"
        if fault == "hangs":
            time.sleep(1000)
        if fault == "crashes":
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.kill(os.getpid(), signal.SIGSEGV)
        if fault == "exits":
            sys.exit("enough")
        if fault == "prints":
            answer = "Traceback: something is wrong"
        if fault == "endless-line":
            while True:
                sys.stdout.write("x" * 65536)
        if fault == "other-number":
            sequence = "99"
        if fault == "unknown-kind":
            answer = "err catastrophe os=0 message="
        if fault == "no-fields":
            answer = "ok"
        if fault == "unsupported":
            answer = "unsupported"
        if fault == "keeps-files":
            kept.append(open(__file__))
        if fault == "keeps-memory":
            kept.append(mmap.mmap(-1, mmap.PAGESIZE))
        if fault == "tells-its-limit":
            answer = f"ok n={resource.getrlimit(resource.RLIMIT_FSIZE)[0]}"
        if fault == "stops-reading":
            os.close(0)
            time.sleep(1000)
    print(sequence, answer, flush=True)
    if operation == "bye":
        sys.exit(4 if fault == "bad-goodbye" else 0)

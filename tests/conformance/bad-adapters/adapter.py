"""An adapter that is right but for one thing, which its argument names."""

import os
import resource
import signal
import sys
import time

fault = sys.argv[1]
kept = []

if fault == "exits-at-start":
    sys.exit("the language is not well today")
if fault == "hangs-at-start":
    time.sleep(1000)

for line in sys.stdin:
    sequence, operation = line.split()[:2]
    answer = "ok"
    if operation == "hello":
        page = 12345 if fault == "other-pages" else os.sysconf("SC_PAGE_SIZE")
        answer = f"ok language=bad abi=1 page={page} tool=bad%201.0"
    elif operation == "live":
        answer = "ok n=0"
    elif operation in ("reset", "bye"):
        answer = "ok live=3" if fault == "keeps-handles" else "ok live=0"
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
        if fault == "stops-reading":
            os.close(0)
            time.sleep(1000)
    print(sequence, answer, flush=True)
    if operation == "bye":
        sys.exit(4 if fault == "bad-goodbye" else 0)

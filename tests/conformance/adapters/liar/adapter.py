"""An adapter that answers ok to everything, always with the same fields."""

import os
import sys

FIELDS = "n=0 data= pos=0 value=0 live=0 address=0"

for line in sys.stdin:
    sequence, operation = line.split()[:2]
    if operation == "hello":
        print(sequence, f"ok language=liar abi=1 page={os.sysconf('SC_PAGE_SIZE')} tool=none", flush=True)
    else:
        print(sequence, "ok", FIELDS, flush=True)
    if operation == "bye":
        break

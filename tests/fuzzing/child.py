"""A process that answers for one file after the other, so that a crash of native code ends it and not the campaign.

It reads a length in four bytes and then the file from standard input, and writes a line of JSON for each.
"""

import os
import struct
import sys
import traceback

from tests.fuzzing.target import as_json, attempt, ready


def main() -> None:
    """Answer until standard input ends."""
    asked, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not mix with the replies
    model = ready()
    print("ready", file=replies, flush=True)
    while head := asked.read(4):
        data = asked.read(struct.unpack("<I", head)[0])
        try:
            exec(os.environ.get("SER_FUZZING_TEST", ""))  # how a test of the watch breaks this process
            reply = as_json(attempt(data, model))
        except Exception:  # a finding, for the process that asked
            reply = "!" + repr(traceback.format_exc())
        print(reply, file=replies, flush=True)


if __name__ == "__main__":
    main()

"""Freed memory goes back to the system, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

# Clips and charts come and go, and small objects that were made between them stay.
COME_AND_GO = """
import sys
from ser.memory import keep_little, trim

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

if "keep_little" in sys.argv:
    keep_little()
before, kept = resident(), []
for _ in range(8):
    clips = [bytearray(250_000 + 40_000 * (number % 7)) for number in range(100)]
    for _ in range(100):
        clips.append(bytearray(300_000))
        kept.append(bytearray(2_000))
    del clips
after = resident()
trim()
print(before, after, resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library is glibc's, and /proc tells the memory")
def test_large_blocks_go_back_at_once_and_the_rest_when_it_is_trimmed():
    code = [sys.executable, "-c", COME_AND_GO, "keep_little"]
    done = subprocess.run(code, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    before, after, trimmed = map(float, done.stdout.split())
    assert after - before < 15 and trimmed <= after + 1  # 60 MB came and went eight times; 2 MB stayed


def test_arrow_uses_the_memory_of_the_c_library():
    code = "import pyarrow; from ser.memory import keep_little; keep_little(); print(pyarrow.array([1]).nbytes); "
    code += "print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert done.stdout.split() == ["8", "system"]

"""Memory of a process and its children."""

import os
import subprocess
import sys

import pytest

from benchmarks.memory import family, memory_of, pss_megabytes

ROLLUP = """56241ac2f000-7ffd3a5fe000 ---p 00000000 00:00 0                          [rollup]
Rss:              500000 kB
Pss:              250000 kB
Pss_Dirty:        200000 kB
"""


def test_the_proportional_set_size_is_read_in_megabytes():
    assert pss_megabytes(ROLLUP) == 256.0
    with pytest.raises(ValueError, match="Pss"):
        pss_megabytes("Rss: 1 kB\n")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_children_of_children_count():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        members = family(child.pid)
        megabytes, processes = memory_of(child.pid)
        child.communicate(b"\n")
    assert members[0] == child.pid and len(members) == 2 and processes == 2 and megabytes > 1
    assert child.pid in family(os.getpid()) or child.poll() is not None

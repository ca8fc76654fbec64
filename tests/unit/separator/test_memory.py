"""Memory of the C library."""

import subprocess
import sys

import numpy as np
import psutil
import pytest

from riata_separator import memory

glibc = pytest.mark.skipif(memory._glibc() is None, reason="this C library is not glibc")


@glibc
def test_freed_memory_between_blocks_in_use_goes_back_to_the_system():
    process = psutil.Process()
    blocks = [np.ones(2_000) for _ in range(10_000)]
    blocks = blocks[::50]
    before = process.memory_info().rss
    memory.give_back()
    assert before - process.memory_info().rss > 50 << 20
    assert len(blocks) == 200


_THREADS = """
import sys, threading
from pathlib import Path
from riata_separator import memory
if sys.argv[1] == "few":
    memory.few_arenas()
barrier = threading.Barrier(9)
def work():
    kept = [bytes(1000) for _ in range(100)]
    barrier.wait(); barrier.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
barrier.wait()
arenas = 0
for line in Path("/proc/self/maps").read_text().splitlines():
    # Arenas of threads are mapped at multiples of 64 MiB.
    arenas += "rw-p" in line and int(line.split("-")[0], 16) % (64 << 20) == 0
barrier.wait()
print(arenas)
"""


@glibc
def test_threads_share_few_arenas():
    def arenas(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", _THREADS, how], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert arenas("few") <= 2 < arenas("many")


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory, "_glibc", lambda: None)
    memory.few_arenas()
    memory.give_back()

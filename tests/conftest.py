"""What holds for all tests: one thread a process, since several test processes share the cores."""

from __future__ import annotations

import os

# Before torch is imported, here and in the processes that tests start: threads that wait for each other on busy cores
# make small tensor operations a hundred times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

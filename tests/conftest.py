"""Settings that every test process needs before it imports torch."""

from __future__ import annotations

import os

# Each pytest worker is one process a core; two threads in each would spin against one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

"""Settings that every test process needs before it imports torch."""

from __future__ import annotations

import os
import signal

# Each pytest worker is one process a core; two threads in each would spin against one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts background jobs with SIGINT ignored, children inherit that, and tests would interrupt in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

"""Settings that every test process needs before it imports torch."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# Each pytest worker is one process a core; two threads in each would spin against one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts background jobs with SIGINT ignored, children inherit that, and tests would interrupt in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every machine, however long one takes on a busy one. Fixtures are shared by all examples of a
# test; tests that write start each example with a path of their own or overwrite.
settings.register_profile(
    "edgevit", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("edgevit")

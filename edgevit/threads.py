"""Keeping torch on one core for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread inside the ``with`` block, and as many as before afterwards.

    A phone-sized network in float64 is thousands of operations of some microseconds each. More threads than free cores
    then wait for each other, spinning: on a busy two-core machine, two threads were up to 20 times slower than one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

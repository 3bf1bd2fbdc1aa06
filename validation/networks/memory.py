"""Memory that a process keeps: each step of a training takes what the step before has freed."""

import ctypes
from contextlib import suppress
from functools import cache

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt: from how many free bytes on they are given back at the heap's end,
and from how many on a tensor has pages of its own, which are given back with it."""
LARGEST = 2**25
"""Bytes: the highest second threshold that glibc takes."""


@cache
def keep_memory() -> bool:
    """Let this process keep what it frees, as far as its C library is asked so; whether it was.

    Else activations of megabytes are given back to the system and taken anew in every step, page by
    page, for a tenth of the time of a small network's training on a CPU. No number depends on it.
    """
    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        return bool(mallopt(MMAP_THRESHOLD, LARGEST) and mallopt(TRIM_THRESHOLD, 2**31 - 1))
    return False

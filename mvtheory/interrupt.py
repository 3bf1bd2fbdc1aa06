"""Ctrl-C ends a command with one line on stderr and exit code 130, from its first import on.

Of the standard library only: it is there before anything that takes time to load. An exception in
the midst of an import, or of a callback from C, may be swallowed or printed there; so the process
ends at once, except where a command has something to put away.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

STOPPED = 130


class Leave:
    """The handler of Ctrl-C that ends the process."""

    def __init__(self, name: str):
        self.name = name

    def __call__(self, number: int, frame: Any) -> None:
        # Not by print: it may be in the middle of one.
        with suppress(Exception):
            sys.stdout.flush()
        os.write(2, f"{self.name}: stopped\n".encode())
        os._exit(STOPPED)


def guarded(name: str, load: Callable[[], Callable[[], int]]) -> int:
    """Load a command and run it; returns its exit code."""
    # Where Ctrl-C was ignored from the start, by nohup or in the background, it stays so.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, Leave(name))
    return load()()


@contextmanager
def raised() -> Iterator[None]:
    """Here the first Ctrl-C of a guarded command raises KeyboardInterrupt; the second ends it."""
    leave = signal.getsignal(signal.SIGINT)
    if not isinstance(leave, Leave):
        yield
        return

    def once(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, leave)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, leave)

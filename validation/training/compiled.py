"""Functions that numba compiles, and keeps for the next process."""

import os
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock
from numba import njit, typeof

LOCK = Path(tempfile.gettempdir()) / f"mvtheory-compiling-{os.environ.get('USER', 'user')}.lock"


def kept(**options: Any) -> Callable[[Callable], Any]:
    """numba.njit for what Python calls, on disk where there is a place for it."""

    def compile(function: Callable) -> Any:
        try:
            return njit(cache=True, nogil=True, error_model="numpy", **options)(function)
        except RuntimeError:  # no folder that may be written
            return njit(nogil=True, error_model="numpy", **options)(function)

    return compile


def ready(function: Any, *arguments: Any) -> None:
    """Compile for arguments like these, or load what another process has compiled.

    One process at a time: the workers of a run need the same functions at about the same time,
    and would each spend seconds on what the first of them keeps for all.
    """
    types = tuple(typeof(argument) for argument in arguments)
    if types in function.overloads:
        return
    with _alone():
        function.compile(types)


def _alone() -> Any:
    try:
        LOCK.touch()
    except OSError:
        return nullcontext()  # then each for itself
    return FileLock(LOCK)

"""One call of one part: how long it may take, what is done already, and what it writes."""

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.console import say
from validation.records import files

RETURNED = 15_000_000
"""Bytes that a call writes at most: a million below what comes back from a lent machine."""


@dataclass
class Job:
    """What a part is given.

    Parameters
    ----------
    out : Path
        Each finished piece is a file there, whole or absent.
    earlier : tuple of Path
        Folders of earlier calls, only read: what is in them is done as well.
    device : "cuda" or "cpu"
    tiny : bool
        Sizes that a CPU has done in seconds, to try the programme.
    seed : int
    minutes : float
        Nothing is begun that would not be finished within.
    clock : callable
        Seconds.
    """

    out: Path
    earlier: tuple[Path, ...] = ()
    device: str = "cuda"
    tiny: bool = False
    seed: int = 0
    minutes: float = 9.0
    clock: Callable[[], float] = time.monotonic
    written: int = 0
    """Bytes of this call."""
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends = self.clock() + 60 * self.minutes

    @property
    def left(self) -> float:
        """Seconds."""
        return self.ends - self.clock()

    @property
    def room(self) -> int:
        """Bytes that this call may still write."""
        return RETURNED - self.written

    def find(self, name: str) -> Path | None:
        """The file of a finished piece, from this folder or an earlier one."""
        places = (folder / name for folder in (self.out, *self.earlier))
        return next((path for path in places if path.is_file()), None)

    def done(self, pattern: str) -> list[str]:
        """Names of finished pieces, in order."""
        folders = (self.out, *self.earlier)
        found = {str(p.relative_to(f)) for f in folders for p in f.glob(pattern) if p.is_file()}
        return sorted(found)

    def write(self, name: str, content: bytes) -> None:
        files.write(self.out / name, content)
        self.written += len(content)

    def write_record(self, name: str, record: dict[str, Any]) -> None:
        self.write(name, (json.dumps(record, indent=1) + "\n").encode())

    def record(self, name: str) -> dict[str, Any] | None:
        path = self.find(name)
        return None if path is None else json.loads(path.read_text(encoding="utf-8"))

    def write_arrays(self, name: str, **arrays: NDArray[Any]) -> None:
        packed = io.BytesIO()
        # numpy's stub takes the arrays for its own options.
        np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
        self.write(name, packed.getvalue())

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        path = self.find(name)
        assert path is not None, f"{name} is asked for before it is there"
        with np.load(path) as stored:
            return dict(stored)

    def unfinished(self, what: str) -> int:
        """Say what is left, for the next call; the exit code."""
        say(f"left: {what}; the same command goes on (--earlier names folders of earlier calls)")
        return UNFINISHED


FINISHED, FAILED, UNFINISHED = 0, 1, 3
"""Exit codes; 2 is an error."""

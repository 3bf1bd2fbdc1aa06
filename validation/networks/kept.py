"""Trained networks of a replicate, on disk until all of it is measured: a killed run loses one.

Networks for images take minutes, and a replicate has dozens. Who computes it says where they are
kept (`keeping`); what trains them asks for each by a name (`kept`) and trains what is not there.
Where one takes longer than ten minutes, training notes how far it is (`UnderWay`) and loses those.
"""

import os
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from validation.networks.architecture import Architecture
from validation.networks.functions import Stack

PATIENCE = 600.0
"""Seconds of training that may be lost."""
_place: ContextVar[Path | None] = ContextVar("place", default=None)
_asked: ContextVar[Path | None] = ContextVar("asked", default=None)
"""Where the networks are to be kept that are being trained."""


@contextmanager
def keeping(place: Path | None) -> Iterator[None]:
    """Within it networks are kept in this folder, which is made when there is one; or not at all.

    The folder is of one replicate of one setting: nothing in it says what its networks learned.
    """
    before = _place.set(place)
    try:
        yield
    finally:
        _place.reset(before)


def kept(name: str, train: Callable[[], Stack], device: str) -> Stack:
    """The networks kept by this name, to the bit as they were trained, or now trained ones.

    `train` is one training, not several.
    """
    place = _place.get()
    if place is None:
        return train()
    path = place / f"{name}.pt"
    found = _read_stack(path, device)
    if found is None:
        before = _asked.set(path)
        try:
            found = train()
        finally:
            _asked.reset(before)
        _write_stack(path, found)
        _way_to(path).unlink(missing_ok=True)
    return found


class UnderWay:
    """One training: all that changes in it, in place, and the epochs that it has behind it.

    Parameters
    ----------
    tensors : sequence of tensors
        As they are before the first epoch. Those of the same training, where a run was killed in
        it, are put into them.

    Attributes
    ----------
    epochs : int
        Behind these tensors now.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        asked = _asked.get()
        self._path = None if asked is None else _way_to(asked)
        self._tensors, self._noted, self.epochs = tensors, time.monotonic(), 0
        held = None if self._path is None else _read(self._path, "cpu")
        shapes = [own.shape for own in tensors]
        if held and [own.shape for own in held.get("tensors", ())] == shapes:
            self.epochs = held["epochs"]
            with torch.no_grad():
                for own, before in zip(tensors, held["tensors"], strict=True):
                    own.copy_(before)

    def passed(self, epochs: int) -> None:
        """So many epochs are behind the tensors; every ten minutes that is put on disk."""
        self.epochs = epochs
        if self._path is not None and time.monotonic() - self._noted >= PATIENCE:
            _write(self._path, {"epochs": epochs, "tensors": [t.detach() for t in self._tensors]})
            self._noted = time.monotonic()


def _way_to(path: Path) -> Path:
    return path.with_suffix(".epochs")


def _read_stack(path: Path, device: str) -> Stack | None:
    held = _read(path, device)
    if held is None:
        return None
    try:
        return Stack(Architecture(**held["architecture"]), held["parameters"], held["statistics"])
    except (KeyError, TypeError, ValueError):
        return None


def _read(path: Path, device: str) -> dict[str, Any] | None:
    try:
        held = torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.PickleError):
        return None  # not there, or cut off by what killed the run: it is trained anew
    return held if isinstance(held, dict) else None


def _write_stack(path: Path, stack: Stack) -> None:
    held = {
        "architecture": asdict(stack.architecture),
        "parameters": stack.parameters,
        "statistics": stack.statistics,
    }
    _write(path, held)


def _write(path: Path, held: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}-{path.name}")
    torch.save(held, part)
    part.replace(path)

"""Trained networks of a replicate, on disk until all of it is measured: a killed run loses one.

Networks for images take minutes, and a replicate has dozens. Who computes it says where they are
kept (`keeping`); what trains them asks for each by a name (`kept`) and trains what is not there.
"""

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path

import torch

from validation.networks.architecture import Architecture
from validation.networks.functions import Stack

_place: ContextVar[Path | None] = ContextVar("place", default=None)


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
    """The networks kept by this name, to the bit as they were trained, or now trained ones."""
    place = _place.get()
    if place is None:
        return train()
    path = place / f"{name}.pt"
    found = _read(path, device)
    if found is None:
        found = train()
        _write(path, found)
    return found


def _read(path: Path, device: str) -> Stack | None:
    try:
        held = torch.load(path, map_location=device, weights_only=True)
        return Stack(Architecture(**held["architecture"]), held["parameters"], held["statistics"])
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.PickleError):
        return None  # cut off by what killed the run: it is trained anew


def _write(path: Path, stack: Stack) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}-{path.name}")
    held = {
        "architecture": asdict(stack.architecture),
        "parameters": stack.parameters,
        "statistics": stack.statistics,
    }
    torch.save(held, part)
    part.replace(path)

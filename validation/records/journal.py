"""The log of a folder: what happened when. Only a run that has the folder to itself adds to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from validation.records import chain


def log(out: Path, event: str, **facts: Any) -> None:
    """Append an event."""
    chain.add(_path(out), event, **facts)


def head(out: Path) -> str:
    """Hash of the last line, and so of the whole log."""
    return chain.head(_path(out))


def breaks(out: Path) -> list[int]:
    """Numbers of lines that do not follow the line before them."""
    return chain.breaks(_path(out))


def chained(out: Path) -> bool:
    """Whether the log has a line that names the one before it."""
    return any("previous" in event for event in events(out))


def mend(out: Path) -> None:
    """End a line that a kill cut short."""
    chain.mend(_path(out))


def events(out: Path) -> Iterator[dict[str, Any]]:
    """The events of a folder, in order; lines that a kill cut short are passed over."""
    yield from chain.events(_path(out))


def _path(out: Path) -> Path:
    return out / "log.jsonl"

"""Files of events, one a line, each of which names the hash of the line before it.

So no line can be changed, put in or taken out without all that follow.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from validation.records.files import append
from validation.trial.identity import canonical

LONGEST = 1 << 20
"""Bytes of a line, at most."""


def add(path: Path, event: str, **facts: Any) -> None:
    """Append an event; whoever does it has the file to himself."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    record = {"time": now, "event": event, **facts, "previous": head(path)}
    append(path, canonical(record) + "\n")


def head(path: Path) -> str:
    """Hash of the last line, and so of all; of nothing where there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LONGEST))
            lines = file.read().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        lines = []
    return _hash(lines[-1] if lines else b"")


def breaks(path: Path) -> list[int]:
    """Numbers, from 1, of lines that do not follow the line before them.

    Those of versions that did not chain them come first, if there are any, and follow.
    """
    found, before, chained = [], b"", False
    for number, line in enumerate(_lines(path), start=1):
        record = _parsed(line)
        previous = record.get("previous") if record else None
        # A line that a kill cut short says nothing, and is vouched for by the next.
        if previous is not None:
            if previous != _hash(before):
                found.append(number)
            chained = True
        elif chained and record:
            found.append(number)
        before = line
    return found


def mend(path: Path) -> None:
    """End a line that a kill cut short."""
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        append(path, "\n")


def events(path: Path) -> Iterator[dict[str, Any]]:
    """In order; lines that a kill cut short are passed over."""
    for line in _lines(path):
        record = _parsed(line)
        if record is not None:
            yield record


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return None
    return record if isinstance(record, dict) and {"time", "event"} <= set(record) else None


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()

"""The log of a folder: what happened when, one event a line, only ever appended to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from validation.records.files import append
from validation.trial.identity import canonical


def log(out: Path, event: str, **facts: Any) -> None:
    """Append an event."""
    record = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    append(out / "log.jsonl", canonical(record) + "\n")


def mend(out: Path) -> None:
    """End a line that a kill cut short."""
    path = out / "log.jsonl"
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        append(path, "\n")


def events(out: Path) -> Iterator[dict[str, Any]]:
    """The events of a folder, in order; lines that a kill cut short are passed over."""
    try:
        lines = (out / "log.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and {"time", "event"} <= set(record):
            yield record

"""The run's folder: what was measured, what was concluded, written so that a kill loses nothing.

DIR/measured/KEY.json holds every number measured on one setting, KEY being a hash of the
setting, the seed and the schema; DIR/results.json the claims judged so far, with those numbers;
DIR/report.html and DIR/figures what a reader sees.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

SCHEMA = 1
"""Raise it when the meaning of a stored number changes: older files are then measured anew."""


def key(setting: dict[str, Any], seed: int) -> str:
    """Hash that names what was measured: the same setting and seed, the same key."""
    text = json.dumps({"schema": SCHEMA, "seed": seed, "setting": setting}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write(path: Path, content: str) -> None:
    """Write a file whole or not at all: to a neighbour, flushed, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    write(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def measured_path(out: Path, setting: dict[str, Any], seed: int) -> Path:
    return out / "measured" / f"{key(setting, seed)}.json"


def read_measured(path: Path, setting: dict[str, Any], seed: int) -> dict[str, Any] | None:
    """What an earlier run measured, or None if there is no whole file of this schema."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        same = key(stored["setting"], stored["seed"]) == key(setting, seed)
        whole = all(isinstance(stored[name], list) for name in ("networks", "ensembles"))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return stored if same and whole else None


def read_results(out: Path) -> dict[str, Any]:
    """Read DIR/results.json; ValueError if DIR holds none that this version can read."""
    path = out / "results.json"
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(
            f"DIR={str(out)!r} holds no results.json: give the folder of a run, or make one with "
            f"'python -m validation run --out {out}'"
        ) from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path} is not JSON (line {error.lineno}): it was cut short or edited; "
            "run the claims again into the same folder, finished networks are kept"
        ) from None
    if results.get("schema") != SCHEMA:
        raise ValueError(
            f"{path} has schema {results.get('schema')!r}, this version reads {SCHEMA}: "
            "run the claims again"
        )
    return results

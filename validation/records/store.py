"""The run's folder: written so that a kill at any moment loses nothing that was finished.

    DIR/plans/HASH.json      what was fixed before training; the name is the hash of the content
    DIR/shards/KEY.parquet   everything measured on one replicate; KEY hashes setting, seed, schema
    DIR/curves, DIR/weights  what was asked for besides, a file a shard
    DIR/log.jsonl            what happened when: one event a line, only ever appended to
    DIR/set-aside            files that were no whole result of this program
    DIR/report.html, figures, tables: rebuilt from the above

What else lies there is left alone.

A shard is finished when its file exists, since files are written beside, flushed and renamed.
"""

import errno
import hashlib
import json
import os
import re
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validation.records import sealed
from validation.trial.claim import EXTRAS, Measured
from validation.trial.columns import Columns, Frames, Rows, frame, plain

if TYPE_CHECKING:
    import pandas as pd

FIRST = ["setting", "seed", "replicate"]
"""What says of a row of `read` whose it is."""

SCHEMA = 3
"""Raise it when the meaning of a stored number changes: older files are then measured anew."""


NAME = re.compile("[0-9a-f]{20}")
"""How a shard's file is called."""


class FolderError(OSError):
    """The run's folder cannot be written or read; the message says what to do about it."""


class SpoiltFileError(ValueError):
    """A file is not a whole result of this program."""


def canonical(value: Any) -> str:
    """The one JSON text of a value: hashes are taken of it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def key(setting: dict[str, Any], seed: int, replicate: int) -> str:
    """Hash that names a shard: by what determines its numbers, not by who computed them."""
    identity = {"schema": SCHEMA, "setting": setting, "seed": seed, "replicate": replicate}
    return sha256(canonical(identity))[:20]


def write(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all: beside its place, flushed, then renamed."""
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(f".{os.getpid()}-{socket.gethostname()}-{path.name}.part")
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> FolderError:
    remedy = {
        errno.ENOSPC: "free space on that disk",
        errno.EDQUOT: "free space within your quota",
    }.get(error.errno or 0, "give --out a folder that you may write to")
    return FolderError(
        f"{path} cannot be written ({error.strerror}): {remedy}, then run the same command again; "
        "everything finished before is kept"
    )


def tidy(out: Path) -> None:
    """Clear away what processes killed on this host left half-written."""
    for part in out.rglob(".*.part"):
        pid, _, rest = part.name[1:].partition("-")
        if rest.startswith(socket.gethostname() + "-") and pid.isdigit() and not _alive(int(pid)):
            part.unlink(missing_ok=True)
    path = out / "log.jsonl"
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        _append(path, "\n")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True)
class Shard:
    """Everything measured on one replicate of a setting."""

    setting: dict[str, Any]
    seed: int
    replicate: int
    tables: Mapping[str, Rows]
    provenance: dict[str, Any]
    """Where and how fast it was computed; no part of its identity nor of its digest."""
    checked: str = field(default="", compare=False, repr=False)
    """The digest, where reading has made sure of it."""

    @cached_property
    def key(self) -> str:
        return key(self.setting, self.seed, self.replicate)

    @cached_property
    def digest(self) -> str:
        """Hash of every measured number, to the last bit."""
        return self.checked or sha256(canonical([self.key, dict(self.tables)]))

    @cached_property
    def columns(self) -> Columns:
        return self.tables if isinstance(self.tables, Columns) else Columns.of(self.tables)


def shard_path(out: Path, name: str) -> Path:
    return out / "shards" / f"{name}.parquet"


def shard_paths(out: Path) -> list[Path]:
    """Files that are called as shards are."""
    return sorted(p for p in (out / "shards").glob("*.parquet") if NAME.fullmatch(p.stem))


_known: dict[Path, tuple[tuple[int, ...], Shard]] = {}
"""Shards of one folder that this process has read or written, and the state of their files then:
each is read once, and again when its file was changed."""


def _remember(path: Path, shard: Shard, state: tuple[int, ...]) -> None:
    if path.parent != next(iter(_known), path).parent:
        _known.clear()
    _known[path] = state, shard


def _state(path: Path) -> tuple[int, ...]:
    now = path.stat()
    return now.st_ino, now.st_size, now.st_mtime_ns


def write_shard(out: Path, shard: Shard) -> None:
    """Store a shard; a row of nested tables, with its identity in the file's metadata."""
    columns = shard.columns
    identity = {
        "schema": SCHEMA,
        "setting": shard.setting,
        "seed": shard.seed,
        "replicate": shard.replicate,
        "digest": shard.digest,
        "provenance": shard.provenance,
    }
    path = shard_path(out, shard.key)
    write(path, sealed.packed(columns.table, canonical(identity)))
    with suppress(FileNotFoundError):  # another run may have set it aside
        # Without its rows: of all that a run measures they take ten times the memory.
        _remember(path, replace(shard, tables=columns, checked=shard.digest), _state(path))


def _read(path: Path, only: str | None = None) -> sealed.Opened:
    """What a file holds, or `SpoiltFileError`; a disk that cannot be read spoils nothing."""
    import pyarrow as pa

    try:
        return sealed.opened(path.read_bytes(), only)
    except IsADirectoryError:
        raise SpoiltFileError(f"{path.name}: a folder") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise FolderError(
                f"{path} cannot be read ({error.strerror}): make it readable, or remove it and run "
                "the same command again, which measures it anew"
            ) from error
        kind = type(error).__name__
        raise SpoiltFileError(f"{path.name}: not a whole result file ({kind})") from None


def read_shard(path: Path, only: str | None = None) -> Shard:
    """Read a shard; `SpoiltFileError` if it is cut, changed, or of another kind or version.

    Of its tables those besides `only` are left out where the file's seal vouches for all.
    """
    file = _read(path, only)
    try:
        identity = json.loads(file.words or "{}")
        if identity["schema"] != SCHEMA:
            raise SpoiltFileError(f"has schema {identity['schema']!r}, this version {SCHEMA}")
        if file.rows != 1:
            raise SpoiltFileError(f"has {file.rows} rows, a replicate has one")
        digest = identity["digest"]
        shard = Shard(
            identity["setting"], identity["seed"], identity["replicate"], Columns(file.table),
            identity["provenance"], digest if file.whole else "",
        )  # fmt: skip
        if shard.digest != digest:
            raise SpoiltFileError("its numbers are not those that were written")
        if shard.key != path.stem:
            raise SpoiltFileError("it holds another shard than its name says")
    except SpoiltFileError as error:
        raise SpoiltFileError(f"{path.name}: {error}") from None
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        kind = type(error).__name__
        raise SpoiltFileError(f"{path.name}: not a whole result file ({kind})") from None
    return shard


def find(out: Path, setting: dict[str, Any], seed: int, replicate: int) -> Shard | None:
    """The stored shard, or None if there is none; SpoiltFileError if its file is no use."""
    return _look_up(shard_path(out, key(setting, seed, replicate)))


def _look_up(path: Path, only: str | None = None) -> Shard | None:
    """The shard of a file that may be gone; with `only` it is not kept in mind."""
    try:
        state = _state(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    before, shard = _known.get(path, (None, None))
    if shard is not None and before == state:
        return shard
    if only is not None:
        return read_shard(path, only)
    shard = read_shard(path)
    _remember(path, shard, state)
    return shard


def extra_path(out: Path, name: str, table: str) -> Path:
    return out / table / f"{name}.parquet"


def write_extra(out: Path, name: str, table: str, rows: list[dict[str, Any]]) -> None:
    """Store a table that was asked for besides a shard, under the shard's name."""
    import pyarrow as pa

    write(extra_path(out, name, table), sealed.packed(pa.Table.from_pylist(rows)))


def set_aside(out: Path, path: Path) -> Path:
    """Move a spoilt file out of the way, under a name that is free."""
    folder = out / "set-aside"
    number = 0
    while (target := folder / f"{path.name}.{number}").exists():
        number += 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    except FileNotFoundError:
        pass  # another run on this folder was faster
    except OSError as error:
        raise unwritable(target, error) from error
    return target


def digest(shards: list[Shard]) -> str:
    """Hash of all results, whatever their order."""
    return sha256(canonical(sorted(shard.digest for shard in shards)))


def measured(setting: Any, shards: list[Shard]) -> Measured:
    """Shards 0 .. n-1 of a setting as frames: their rows, with a first column `replicate`."""
    return Measured(setting, len(shards), Frames({s.replicate: s.columns for s in shards}))


def read(out: Path | str, table: str) -> "pd.DataFrame":
    """All rows of a table in a folder, as a pandas frame.

    Columns `setting` (its label), `seed` and `replicate` come first. Files that are no results of
    this version are left out, with a warning each.
    """
    owners: list[dict[str, Any]] = []
    tables = []
    spoilt = False
    for path in sorted((Path(out) / "shards").glob("*.parquet")):
        try:
            if not NAME.fullmatch(path.stem):
                raise SpoiltFileError(f"{path.name}: not a name of a result")
            shard = _look_up(path, only=table)
        except SpoiltFileError as error:
            warnings.warn(f"left out: {path.parent}/{error}", stacklevel=2)
            continue
        if shard is None:
            continue  # set aside by a run meanwhile
        rows = shard.columns.rows_of(table) if table in shard.columns else None
        if table in EXTRAS and (extra := extra_path(Path(out), shard.key, table)).exists():
            try:
                rows = _read(extra).table.to_struct_array().combine_chunks()
            except SpoiltFileError as error:
                spoilt = True
                warnings.warn(
                    f"left out: {extra.parent}/{error}; remove it, and a run with --keep {table} "
                    "makes it anew",
                    stacklevel=2,
                )
        if rows is not None:
            label = shard.setting["label"]
            owners.append({"setting": label, "seed": shard.seed, "replicate": shard.replicate})
            tables.append(rows)
    if not tables and not spoilt:
        names = _tables_in(Path(out))
        raise ValueError(
            f"table={table!r} is not in {out}; it has {', '.join(names) or 'no results'}: "
            + (f"run again with --keep {table}" if table in EXTRAS else "choose one of these")
            if names
            else f"table={table!r} is not in {out}; it has no results: give the --out of a run"
        )
    return frame(FIRST, owners, tables, plain).sort_values(FIRST, kind="stable")


def _tables_in(out: Path) -> list[str]:
    names: set[str] = set()
    for path in shard_paths(out):
        with suppress(SpoiltFileError):
            names |= set(shard.columns if (shard := _look_up(path)) else ())
    return sorted(names)


def log(out: Path, event: str, **facts: Any) -> None:
    """Append an event. One write a line, so that two runs do not mix their lines."""
    record = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    _append(out / "log.jsonl", canonical(record) + "\n")


def _append(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, text.encode())
        finally:
            os.close(file)
    except OSError as error:
        raise unwritable(path, error) from error


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

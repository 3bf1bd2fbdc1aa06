"""The shards of a folder: everything measured on one replicate, a file each.

A shard is finished when its file exists. Each is read once, and again when its file was changed.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validation.records import sealed
from validation.records.files import FolderError, write
from validation.trial.claim import Measured
from validation.trial.columns import Columns, Frames, Rows
from validation.trial.identity import SCHEMA, canonical, key, sha256

if TYPE_CHECKING:
    import pyarrow as pa

NAME = re.compile("[0-9a-f]{20}")
"""How a shard's file is called."""


class SpoiltFileError(ValueError):
    """A file is not a whole result of this program."""


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

    @property
    def told(self) -> str:
        """Hash of what it says of how it was computed."""
        return sha256(canonical(self.provenance))

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
    return look_up(shard_path(out, key(setting, seed, replicate)))


def look_up(path: Path, only: str | None = None) -> Shard | None:
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


def read_extra(path: Path) -> "pa.StructArray":
    """The rows of such a table; `SpoiltFileError` if it is cut or changed."""
    return _read(path).table.to_struct_array().combine_chunks()


def digest(shards: list[Shard]) -> str:
    """Hash of all results, whatever their order."""
    return sha256(canonical(sorted(shard.digest for shard in shards)))


def measured(setting: Any, shards: list[Shard]) -> Measured:
    """Shards 0 .. n-1 of a setting as frames: their rows, with a first column `replicate`."""
    return Measured(setting, len(shards), Frames({s.replicate: s.columns for s in shards}))

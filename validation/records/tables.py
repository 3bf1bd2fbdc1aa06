"""Tables of a folder as pandas frames."""

import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validation.records.shards import (
    NAME,
    SpoiltFileError,
    extra_path,
    look_up,
    read_extra,
    shard_paths,
)
from validation.trial.claim import EXTRAS
from validation.trial.columns import frame, plain

if TYPE_CHECKING:
    import pandas as pd

FIRST = ["setting", "seed", "replicate"]
"""What says of a row of `read` whose it is."""


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
            shard = look_up(path, only=table)
        except SpoiltFileError as error:
            warnings.warn(f"left out: {path.parent}/{error}", stacklevel=2)
            continue
        if shard is None:
            continue  # set aside by a run meanwhile
        rows = shard.columns.rows_of(table) if table in shard.columns else None
        if table in EXTRAS and (extra := extra_path(Path(out), shard.key, table)).exists():
            try:
                rows = read_extra(extra)
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
            names |= set(shard.columns if (shard := look_up(path)) else ())
    return sorted(names)

"""Tables: a column for each class, or one column; of Parquet also a column of lists."""

import csv
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mvtheory.reading.contents import Contents, ReadingError

SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": None}
ALL = "all columns"


def text(path: Path, wanted: str | None) -> Contents:
    """The columns of a text file, with or without a line of their names."""
    separator = SEPARATORS[path.suffix.lower()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = (line for line in file if line.strip() and not line.startswith("#"))
        first, second = ([_stripped(word) for word in _words(line, separator)] if line else []
                         for line in (next(lines, ""), next(lines, "")))  # fmt: skip
    if not first:
        raise ValueError("it is empty")
    # A line of names has a word where the next line has a number, or words alone above words; one
    # word above words may be a label, unless it is asked for as a name.
    named = bool(second) and not any(_number(word) for word in first)
    named = named and (len(first) > 1 or any(_number(word) for word in second) or wanted in first)
    names = first if named else [str(place) for place in range(len(first))]
    numeric = [_number(word) for word in (second if named else first)]
    _check_names(names)

    def read(columns: list[int], kind: Any) -> Any:
        return np.loadtxt(path, kind, delimiter=separator, skiprows=_above(path, named),
                          usecols=columns, quotechar='"', ndmin=2, encoding="utf-8-sig"
                          )  # fmt: skip

    return _columns(names, numeric, read, wanted)


def _columns(
    names: list[str], numeric: list[bool], read: Callable[[list[int], Any], Any], wanted: str | None
) -> Contents:
    """Every column by its name; all numeric ones, or the only one, without a name."""
    kinds = [float if number else str for number in numeric]
    found: dict[str, Callable[[], Any]] = {
        name: partial(lambda place: read([place], kinds[place])[:, 0], place)
        for place, name in enumerate(names)
    }
    if wanted is not None or len(names) == 1:
        return found
    numbers = [place for place, number in enumerate(numeric) if number]
    if len(numbers) < 2:
        return found
    return {ALL: lambda: read(numbers, float)}


def _words(line: str, separator: str | None) -> list[str]:
    return line.split() if separator is None else next(csv.reader([line], delimiter=separator))


def _stripped(word: str) -> str:
    return word.strip().strip('"')


def _number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _above(path: Path, named: bool) -> int:
    """Lines down to the names."""
    if not named:
        return 0
    with path.open(encoding="utf-8-sig") as file:
        for place, line in enumerate(file):
            if line.strip() and not line.startswith("#"):
                return place + 1
    return 0


def _check_names(names: list[str]) -> None:
    if "" in names:
        raise ReadingError(
            f"column {names.index('')} has no name, as an index that pandas wrote; write it again "
            "with index=False, or name the column"
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ReadingError(f"two columns have the name {twice!r}; rename one")


def parquet(path: Path, wanted: str | None) -> Contents:
    """The columns of a Parquet file; an index that pandas kept is none."""
    path.open("rb").close()  # what is wrong with the path is said first
    try:
        import pyarrow.parquet
        import pyarrow.types as types
    except ImportError:
        raise ReadingError('it needs pyarrow; pip install "mvtheory[files]"') from None
    try:
        schema = pyarrow.parquet.read_schema(path)
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from None
    about = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    index = {name for name in about.get("index_columns", []) if isinstance(name, str)}
    fields = [schema.field(name) for name in schema.names if name not in index]
    names = [field.name for field in fields]
    _check_names(names)
    numeric = [types.is_integer(f.type) or types.is_floating(f.type) or types.is_boolean(f.type)
               for f in fields]  # fmt: skip

    def read(columns: list[int], kind: Any) -> Any:
        table = pyarrow.parquet.read_table(path, columns=[names[place] for place in columns])
        found = [_filled(table.column(place)) for place in range(len(columns))]
        return np.stack(found, axis=1)

    def lists(name: str) -> Any:
        column = pyarrow.parquet.read_table(path, columns=[name]).column(0).combine_chunks()
        lengths = np.unique(column.value_lengths().to_numpy(zero_copy_only=False))
        if column.null_count or len(lengths) != 1:
            raise ReadingError(
                f"column {name!r} holds lists of several lengths; give all samples the same classes"
            )
        return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)

    nested = {f.name for f in fields if types.is_list(f.type) or types.is_fixed_size_list(f.type)
              or types.is_large_list(f.type)}  # fmt: skip
    found = dict(_columns(names, numeric, read, wanted))
    return found | {name: partial(lists, name) for name in nested & found.keys()}


def _filled(column: Any) -> Any:
    if column.null_count:
        raise ReadingError(
            f"a column has {column.null_count} empty cells; fill them or drop their rows"
        )
    found = column.to_numpy()
    return found.astype(str) if found.dtype.kind == "O" else found

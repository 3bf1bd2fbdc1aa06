"""The tables of replicates as Arrow columns, and the rows and frames made of them when asked for.

Of many replicates the columns take a tenth of the memory of their rows, and most rows nobody
asks for.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

Rows = list[dict[str, Any]]


class Columns(Mapping[str, Rows]):
    """The tables of one replicate by name, held as an Arrow table of a single row.

    Each of its columns is a table: a list of structs, which are the rows. Taken by its name, a
    table is made into Python's own rows, anew each time.
    """

    def __init__(self, table: "pa.Table"):
        self.table = table

    @classmethod
    def of(cls, tables: Mapping[str, Rows]) -> "Columns":
        import pyarrow as pa

        return cls(pa.table({name: [rows] for name, rows in tables.items()}))

    def rows_of(self, name: str) -> "pa.Array":
        """A table as an array of structs."""
        column = self.table.column(name)
        # To combine one chunk is to copy it.
        return (column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()).flatten()

    def __getitem__(self, name: str) -> Rows:
        return plain(self.rows_of(name))

    def __contains__(self, name: object) -> bool:
        return name in self.table.column_names

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.column_names)

    def __len__(self) -> int:
        return self.table.num_columns


def plain(array: "pa.Array") -> list[Any]:
    """What `to_pylist` gives, a level of nesting at a time in place of value by value.

    >>> import pyarrow as pa
    >>> plain(pa.array([{"step": 3, "strength": [[0.5], [0.25, 2.0]]}]))
    [{'step': 3, 'strength': [[0.5], [0.25, 2.0]]}]
    """
    import pyarrow as pa

    kind = array.type
    if array.null_count or not len(array):
        return array.to_pylist()
    if pa.types.is_list(kind):
        inner, ends = plain(array.flatten()), array.offsets.to_numpy()
        return [inner[low:high] for low, high in pairwise((ends - ends[0]).tolist())]
    if pa.types.is_struct(kind) and kind.num_fields:
        names = [kind.field(place).name for place in range(kind.num_fields)]
        fields = map(plain, array.flatten())
        return [dict(zip(names, row, strict=True)) for row in zip(*fields, strict=True)]
    if is_number(array):
        return array.to_numpy(zero_copy_only=False).tolist()
    return array.to_pylist()


def is_number(array: "pa.Array") -> bool:
    """Whether each value is one number, or true or false."""
    import pyarrow as pa

    kind = array.type
    one = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return one and not array.null_count


def cells(array: "pa.Array") -> Any:
    """A column for a frame: an array, of arrays where each row holds numbers in one shape."""
    values = numbers(array)
    if values is None:
        return plain(array)
    return list(values) if values.ndim > 1 else values


def numbers(array: "pa.Array") -> "NDArray | None":
    """Shape (rows, ...), where each row holds numbers in one shape; otherwise None."""
    import numpy as np
    import pyarrow as pa

    shape: list[int] = []
    inner = array
    while pa.types.is_list(inner.type) and len(inner) and not inner.null_count:
        lengths = np.diff(inner.offsets.to_numpy())
        if (lengths != lengths[0]).any():
            return None
        shape.append(int(lengths[0]))
        inner = inner.flatten()
    if not is_number(inner):
        return None
    values: NDArray = inner.to_numpy(zero_copy_only=False)
    return values.reshape(len(array), *shape)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make many lists without a search for garbage among them: it would take longer than they."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@_uncollected()
def frame(
    first: Sequence[str],
    owners: Sequence[dict[str, Any]],
    tables: Sequence["pa.Array"],
    column: Callable[["pa.Array"], Any] = cells,
) -> "pd.DataFrame":
    """Tables one after the other as a frame, whose first columns say of each row who its owner is.

    Parameters
    ----------
    first : names of these columns
    owners : their values, for each of the tables
    tables : arrays of structs
    column : what makes a frame's column of an array
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    counts = [len(rows) for rows in tables]
    places = np.split(np.arange(sum(counts)), np.cumsum(counts)[:-1])
    alike: dict[Any, list[int]] = {}
    for number, rows in enumerate(tables):
        if len(rows):
            alike.setdefault(rows.type, []).append(number)
    frames = []
    for kind, numbers in alike.items():
        rows = pa.concat_arrays([tables[number] for number in numbers])
        made: dict[str, Any] = {}
        for name in first:
            values = np.array([owners[number][name] for number in numbers])
            made[name] = np.repeat(values, [counts[number] for number in numbers])
        for place, array in enumerate(rows.flatten()):
            made[kind.field(place).name] = column(array)
        frames.append(pd.DataFrame(made, np.concatenate([places[number] for number in numbers])))
    if not frames:
        return pd.DataFrame(columns=list(first))
    return frames[0] if len(frames) == 1 else pd.concat(frames).sort_index()


class Frames(Mapping[str, "pd.DataFrame"]):
    """Tables of several replicates as frames with a first column `replicate`.

    A frame is made when it is first asked for, and kept; where a row holds several numbers, in
    lists of one length, it holds them as an array. Those of the first few replicates are
    cut from the frames of all, `whole`.
    """

    def __init__(self, replicates: Mapping[int, Columns], whole: "Frames | None" = None):
        self._replicates = replicates
        self._whole = whole
        self._names = list(dict.fromkeys(name for own in replicates.values() for name in own))
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> "pd.DataFrame":
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._cut(name) if self._whole else self._join(name)
        return self._made[name]

    def numbers(self, name: str, *columns: str) -> "list[NDArray]":
        """Columns of a table, rows in the frame's order, without the frame; kept nowhere.

        Shapes (rows, ...); KeyError for one that has other things than numbers of one shape.
        """
        import numpy as np
        import pyarrow as pa

        own = {number: tables.rows_of(name) for number, tables in self._replicates.items()}
        found = []
        for column in columns:
            if column == "replicate":
                found.append(np.repeat(list(own), [len(rows) for rows in own.values()]))
                continue
            values = numbers(pa.concat_arrays([rows.field(column) for rows in own.values()]))
            if values is None:
                raise KeyError(f"{column} of {name}: no numbers of one shape")
            found.append(values)
        return found

    def _join(self, name: str) -> "pd.DataFrame":
        own = {number: tables for number, tables in self._replicates.items() if name in tables}
        owners = [{"replicate": number} for number in own]
        return frame(["replicate"], owners, [tables.rows_of(name) for tables in own.values()])

    def _cut(self, name: str) -> "pd.DataFrame":
        assert self._whole is not None
        every = self._whole[name]
        return every[every["replicate"].isin(list(self._replicates))]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def first(self, replicates: int) -> "Frames":
        """Those of the first so many replicates that are there."""
        if replicates >= len(self._replicates):
            return self
        chosen = sorted(self._replicates)[:replicates]
        return Frames({number: self._replicates[number] for number in chosen}, self)

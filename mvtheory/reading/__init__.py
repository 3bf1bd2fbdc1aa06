"""Arrays from the files that people have: one way in for the shell and for commands.

| ending | read by | left on disk |
|---|---|---|
| .npy | numpy | yes |
| .npz | numpy | yes, if it is not compressed |
| .safetensors | its header, which is JSON | yes |
| .pt, .pth | torch, weights only | yes, if torch saved it in a format of this decade |
| .csv, .tsv, .txt | numpy | no |
| .parquet | pyarrow | no |

FILE:NAME is one array of a file of several, or one column of a table. Numbers in bfloat16, which
numpy lacks, are widened a block of rows at a time (`mvtheory.rows`).
"""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mvtheory.reading import numpy_files, safetensors_files, tables, torch_files
from mvtheory.reading.contents import Contents, ReadingError
from mvtheory.rows import LazyRows, Stored

READERS = {
    ".npz": numpy_files.archive,
    ".safetensors": safetensors_files.tensors,
    ".pt": torch_files.tensors,
    ".pth": torch_files.tensors,
    ".csv": tables.text,
    ".tsv": tables.text,
    ".txt": tables.text,
    ".parquet": tables.parquet,
}
"""By the ending of a file; others are read as .npy."""


def read_outputs(path: str | Path) -> Any:
    """Labels or outputs from a file, for `advise` and all else that takes arrays.

    Parameters
    ----------
    path : str or Path
        FILE, or FILE:NAME for one of several arrays or one column: see the module for the endings.

    Returns
    -------
    array or LazyRows
        Memory maps of large files; `LazyRows` of numbers in bfloat16, which numpy.asarray widens.

    Raises
    ------
    ValueError
        For a file that is not there, spoilt, of Python objects, of several arrays without a NAME,
        or of a kind whose library is not installed; each says what to do.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/run.npz", labels=[0, 1], student=[[1.5, 0.0], [0.5, 2.0]])
    ...     print(np.asarray(read_outputs(f"{folder}/run.npz:student")))
    [[1.5 0. ]
     [0.5 2. ]]
    """
    return read_array("path", path)


def read_array(option: str, path: str | Path) -> Any:
    """`read_outputs`, where the user calls the file by an option.

    Parameters
    ----------
    option : str
        What the user calls it, for errors.
    path : str or Path

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(f"{folder}/labels.npy", [2, 0, 1])
    ...     read_array("--labels", f"{folder}/labels.npy").tolist()
    [2, 0, 1]
    """
    file, wanted = _apart(path)
    with _told(option, path, file):
        return _chosen(f"{option}={str(path)!r}", file, wanted, _reader(file)(file, wanted))


def read_columns(option: str, path: str | Path) -> dict[str, Any]:
    """Every column of a table, or every array of a file, by its name.

    Parameters
    ----------
    option : str
        What the user calls it, for errors.
    path : str or Path
        Of the endings above: a table has a line of names, or its columns are called 0, 1, ...

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(f"{folder}/run.csv").write_text("networks,accuracy\\n1,.5\\n2,.7\\n")
    ...     read_columns("--data", f"{folder}/run.csv")
    {'networks': array([1., 2.]), 'accuracy': array([0.5, 0.7])}
    """
    file = Path(path)
    with _told(option, path, file):
        # A name that none has: so readers of tables do not take all columns for one array.
        return {str(name): read() for name, read in _reader(file)(file, "").items()}


def _reader(file: Path) -> Callable[[Path, str | None], Contents]:
    return READERS.get(file.suffix.lower(), numpy_files.array)


@contextmanager
def _told(option: str, path: str | Path, file: Path) -> Iterator[None]:
    """What is wrong with a file, in one line with what to do."""
    ending = file.suffix.lower()
    name = f"{option}={str(path)!r}"
    cause: Exception
    try:
        yield
        return
    except FileNotFoundError as error:
        cause, reason = error, "there is no such file; check the path"
    except IsADirectoryError as error:
        cause, reason = error, "it is a folder; name a file in it"
    except OSError as error:
        cause, reason = error, f"{error.strerror or error}; make it readable"
    except ReadingError as error:
        cause, reason = error, str(error)
    except (MemoryError, ValueError, OverflowError, EOFError, zipfile.BadZipFile) as error:
        objects = "pickle" in str(error) or "Python objects" in str(error)
        said = " ".join(str(error).split()) or "it is empty"
        cause, reason = error, "no array of numbers" if objects else said
        reason += "; save it again with np.save(path, array)"
    kind = ending if ending in READERS else ".npy"
    raise ValueError(f"{name} cannot be read as {kind}: {reason}") from cause


def _apart(path: str | Path) -> tuple[Path, str | None]:
    """File and name of FILE:NAME."""
    file, colon, name = str(path).rpartition(":")
    if not colon or Path(path).exists() or not Path(file).is_file():
        return Path(path), None
    return Path(file), name


def _chosen(name: str, file: Path, wanted: str | None, contents: Contents) -> Any:
    """The only array, or the one that was named."""
    if wanted is None and len(contents) == 1:
        (wanted,) = contents
    if wanted is None or wanted not in contents:
        names = [str(one) for one in contents]
        what = "holds several arrays" if wanted is None and names else f"holds no array {wanted!r}"
        example = f"{file}:{names[0]}" if names else "FILE:NAME"
        raise ReadingError(f"it {what} ({_listed(names)}); name one of them, such as {example}")
    found = contents[wanted]()
    if not isinstance(found, LazyRows) and found.dtype.str.endswith("V2"):
        # What is saved as 16 bits of no type are the bfloat16 of other packages.
        found = Stored(found.view(np.uint16), bfloat16=True, mapped=isinstance(found, np.memmap))
    return found


def _listed(names: list[str], most: int = 8) -> str:
    shown = ", ".join(names[:most]) or "it is empty"
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")

"""Arrays from the files that commands are given."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

CONVERSIONS = {
    ".csv": 'np.loadtxt({path!r}, delimiter=",")',
    ".tsv": 'np.loadtxt({path!r}, delimiter="\\t")',
    ".txt": "np.loadtxt({path!r})",
    ".parquet": "pandas.read_parquet({path!r}).to_numpy()",
    ".pt": "torch.load({path!r}, weights_only=True).float().cpu().numpy()",
    ".pth": "torch.load({path!r}, weights_only=True).float().cpu().numpy()",
}
"""What reads a file of another kind that holds one array."""


def read_array(option: str, path: Path) -> Any:
    """The array of a .npy file, left on disk until it is needed, or the one in a .npz archive.

    Parameters
    ----------
    option : str
        What the user calls it, for errors.
    path : Path

    Raises
    ------
    ValueError
        For a file that is not there, of another kind (with the line that converts it), spoilt, of
        Python objects, or an archive of several arrays.
    """
    name = f"{option}={str(path)!r}"
    conversion = CONVERSIONS.get(path.suffix.lower())
    if conversion is not None and path.is_file():
        header = ", skiprows=1 after it if there is a header" if "loadtxt" in conversion else ""
        raise ValueError(
            f"{name} cannot be read as .npy (one array of numbers); convert it by "
            f"`{_saved(path, conversion.format(path=str(path)))}`{header}"
        )
    try:
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                # Mapped, so that a header that claims more than there is is refused at once.
                return np.load(path, mmap_mode="r", allow_pickle=False)
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                names = archive.files
                if len(names) == 1:
                    return np.asarray(archive[names[0]])
    except FileNotFoundError:
        reason = "there is no such file; check the path"
    except IsADirectoryError:
        reason = "it is a folder; name a file in it"
    except OSError as error:
        reason = f"{error.strerror or error}; make it readable"
    except (MemoryError, ValueError, OverflowError, EOFError, zipfile.BadZipFile) as error:
        objects = "pickle" in str(error) or "Python objects" in str(error)
        reason = "no array of numbers" if objects else str(error) or "it is empty"
        reason += "; save it again with np.save(path, array)"
    else:
        one = repr(names[0]) if names else "NAME"
        line = _saved(path, f"np.load({str(path)!r})[{one}]")
        raise ValueError(
            f"{name} is an archive of arrays ({', '.join(names) or 'none'}); save one: `{line}`"
        )
    raise ValueError(f"{name} cannot be read as .npy: {reason}")


def _saved(path: Path, array: str) -> str:
    return f"np.save({str(path.with_suffix('.npy'))!r}, {array})"

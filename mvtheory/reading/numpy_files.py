"""Numpy's own files; what is not compressed stays on disk."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from mvtheory.reading.contents import Contents

LOCAL_HEADER = 30
"""Bytes before a file's name in a zip archive; the lengths of name and extra field end them."""


def array(path: Path, wanted: str | None) -> Contents:
    """The array of a .npy file, or those of an archive of another name."""
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            return archive(path, wanted)
    # Mapped, so that a header that claims more than there is is refused at once.
    return {path.stem: lambda: np.load(path, mmap_mode="r", allow_pickle=False)}


def archive(path: Path, wanted: str | None) -> Contents:
    """The arrays of a .npz archive."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return array(path, wanted)
        file.seek(0)
        with zipfile.ZipFile(file) as found:
            members = {info.filename.removesuffix(".npy"): info for info in found.infolist()}
    return {name: lambda info=info: _member(path, info) for name, info in members.items()}  # type: ignore[misc]


def _member(path: Path, info: zipfile.ZipInfo) -> Any:
    if info.compress_type == zipfile.ZIP_STORED:
        return _mapped(path, info)
    with np.load(path, allow_pickle=False) as found:
        return np.asarray(found[info.filename.removesuffix(".npy")])


def _mapped(path: Path, info: zipfile.ZipInfo) -> Any:
    """An array that was stored as it is, where it lies in the archive."""
    with path.open("rb") as file:
        file.seek(info.header_offset + LOCAL_HEADER - 4)
        lengths = np.frombuffer(file.read(4), dtype="<u2")
        file.seek(int(lengths.sum()), 1)
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:  # field names beyond Latin-1: no array of numbers
            raise ValueError("Python objects")
        shape, fortran, dtype = read(file)
        if dtype.hasobject:
            raise ValueError("Python objects")
        if not np.prod(shape):
            return np.empty(shape, dtype)
        place = file.tell()
    return np.memmap(path, dtype, "r", place, shape, order="F" if fortran else "C")

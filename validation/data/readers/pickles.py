"""Pickles of bytes, numbers, names, lists, dictionaries and arrays of bytes: nothing else is made.

A pickle is a program that calls what it names. Here the few names in pickles of images stand for
objects of this file, whatever numpy wrote them; a pickle that names anything else is refused before
anything is called.
"""

import io
import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from validation.data.readers.files import Files

NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): "array",
    ("numpy._core.multiarray", "_reconstruct"): "array",  # since numpy 2
    ("numpy.core.numeric", "_frombuffer"): "array",  # protocol 5
    ("numpy._core.numeric", "_frombuffer"): "array",
    ("numpy", "ndarray"): "kind of array",
    ("numpy", "dtype"): "type of numbers",
    ("_codecs", "encode"): "text",  # bytes, as Python 3 writes them for Python 2
}


def read_pickle(files: Files, name: str) -> dict[str, Any]:
    """The dictionary in a pickle of images, written by any Python and numpy.

    Returns
    -------
    dict of str
        Values are text, bytes, whole numbers, lists of these, and uint8 arrays.

    Raises
    ------
    ValueError
        For a pickle of anything else or one that ends early, and for bytes that are no pickle.
    """
    content = files.read(name)
    try:
        found = _Unpickler(io.BytesIO(content), encoding="latin1").load()
        if not isinstance(found, dict):
            raise _ForeignError(f"a {type(found).__name__} in place of a dictionary")
        return {str(key): _value(value) for key, value in found.items()}
    except _ForeignError as error:
        raise files.error(name, f"holds {error}, which is no part of images") from None
    except Exception:  # spoilt, a pickle can go wrong in any way that a program can
        raise files.error(name, "is cut short or no pickle") from None


class _ForeignError(Exception):
    """Says what a pickle holds besides images."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in NAMES:
            raise _ForeignError(f"{module}.{name}")
        return _Named(NAMES[module, name])


class _Named:
    """Stands for what a pickle names and calls; it has no attributes that the pickle could set."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __call__(self, *given: Any) -> Any:
        match self.what, given:
            case "array", (_Named(), (0,), b"b" | "b"):
                return _Array()
            case "array", (bytes() | bytearray() as content, _Byte(), tuple() as shape, "C" | "F"):
                return _Array(_shaped(content, shape, given[3] == "F"))
            case "type of numbers", ("u1", 0, 1):
                return _Byte()
            case "text", (str() as text, "latin1"):
                return text.encode("latin1")
        raise _ForeignError(f"a {self.what} other than bytes")


class _Byte:
    """The type of an array's entries."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> None:
        """Order of bytes and the like: one byte has none."""


class _Array:
    """An array of bytes, told as numpy tells it: version, shape, type, order, content."""

    __slots__ = ("value",)

    def __init__(self, value: NDArray[np.uint8] | None = None) -> None:
        self.value = value

    def __setstate__(self, state: Any) -> None:
        match state:
            case 1, tuple() as shape, _Byte(), 0 | 1 as by_columns, str() | bytes() as content:
                # Python 2 wrote bytes as text of one letter a byte.
                raw = content.encode("latin1") if isinstance(content, str) else content
                self.value = _shaped(raw, shape, by_columns == 1)
            case _:
                raise _ForeignError("an array other than of bytes")


def _shaped(
    content: bytes | bytearray, shape: tuple[Any, ...], by_columns: bool
) -> NDArray[np.uint8]:
    flat = np.frombuffer(content, np.uint8)
    return flat.reshape(shape[::-1]).T if by_columns else flat.reshape(shape)


def _value(value: Any) -> Any:
    """The value, if it is of a kind that files of images hold."""
    if isinstance(value, _Array):
        return value.value
    # No lists in lists: a few of them, each many times in the next, are endlessly long to read.
    return [_plain(item) for item in value] if isinstance(value, list) else _plain(value)


def _plain(value: Any) -> str | bytes | int:
    if isinstance(value, _Named):
        raise _ForeignError(f"the name of a {value.what}")
    if not isinstance(value, str | bytes | int):
        raise _ForeignError(f"a {type(value).__name__}")
    return value

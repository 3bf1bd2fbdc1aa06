"""Rows that stay where they are until they are read: on disk, in 16 bits, or not yet made.

Whatever walks over outputs asks for a block of rows at a time, `rows[start:stop]` or
`rows[indices]`. So outputs larger than memory need no more than a block of it, and what only
answers like an array of logits (a mean of teachers, the largest k of a teacher's probabilities) is
never made whole.
"""

import ctypes
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from mvtheory.arrays import as_array
from mvtheory.shapes import Booleans, Int, Integers, Numbers, Real, Shaped

HALF = 2.0**112
"""What the bits of a half float, moved to their places in a single one, are too small by."""
INFINITE = 2.0**16
"""Where infinities and NaN of half precision come to lie by that."""
WILL_NEED, DO_NOT_NEED = 3, 4
"""Advice to the system about pages (POSIX): read ahead, and drop what can be read again."""


class LazyRows(ABC):
    """What has a shape (N, K) and gives blocks of rows, in single precision or better."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]: ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the blocks."""
        return np.dtype(np.float64)

    @property
    def unit(self) -> float:
        """Unit roundoff of the type in which the numbers were given."""
        return float(np.finfo(self.dtype).eps) / 2 if self.dtype.kind == "f" else 2.0**-53

    @property
    def note(self) -> str:
        """What these numbers have lost, if anything; one sentence."""
        return ""

    def checked(self, name: str) -> "LazyRows":
        """The same, if what it is made of is in order; ValueError otherwise."""
        return self

    def on(self, samples: Int[Integers, " chosen"]) -> "LazyRows":
        """Some of the samples."""
        return Part(self, samples=samples)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return int(self.shape[0])

    @abstractmethod
    def __getitem__(
        self, rows: slice | Integers | Booleans
    ) -> Real[Numbers, "samples classes"]: ...

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Shaped[Numbers, "*further"]:
        if copy is False:
            raise ValueError(f"{type(self).__name__} is made when it is read, so that no view of "
                             "it can be given (copy=None or True); leave copy out")  # fmt: skip
        return np.asarray(self[:], dtype=dtype)


@dataclass(frozen=True, eq=False)
class Part(LazyRows):
    """Some classes, or some samples, of rows that stay where they are until they are read."""

    array: Any
    classes: Int[Integers, " kept"] | None = None
    samples: Int[Integers, " chosen"] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        rows, classes = self.array.shape
        return (rows if self.samples is None else len(self.samples),
                classes if self.classes is None else len(self.classes))  # fmt: skip

    @property
    def dtype(self) -> np.dtype[Any]:
        found: np.dtype[Any] = self.array.dtype
        return found

    @property
    def note(self) -> str:
        return str(getattr(self.array, "note", ""))

    def __getitem__(self, rows: slice | Integers | Booleans) -> Real[Numbers, "samples classes"]:
        block = self.array[rows if self.samples is None else self.samples[rows]]
        return np.asarray(block if self.classes is None else block[:, self.classes])


@dataclass(frozen=True, eq=False)
class Stored(LazyRows):
    """An array whose blocks are read in single precision or better, and then let go.

    Half precision and bfloat16 are widened a block at a time, exactly; numpy computes slowly in
    the one and not at all in the other. Pages of a memory map are dropped once they have been read:
    they count as memory of the process, and outputs may be larger than it.

    Parameters
    ----------
    array : array, shape (N, K), or another
        Of whole numbers or floats; with `bfloat16` the 16 bits of each, as uint16.
    bfloat16 : bool
    mapped : bool
        Whether it is a map of a file that nobody writes to: only then may its pages be dropped.

    Examples
    --------
    >>> Stored(np.array([[0x3FC0, 0xC000]], dtype=np.uint16), bfloat16=True)[:]
    array([[ 1.5, -2. ]], dtype=float32)
    """

    array: Shaped[Numbers, " *further"]
    bfloat16: bool = False
    mapped: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        return self.array.shape

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        narrow = self.bfloat16 or self.array.dtype == np.float16
        return np.dtype(np.float32) if narrow else self.array.dtype

    @property
    def unit(self) -> float:
        if self.bfloat16:
            return 2.0**-8
        own = self.array.dtype
        return max(float(np.finfo(own).eps) / 2, 2.0**-53) if own.kind == "f" else 2.0**-53

    def __getitem__(self, rows: slice | Integers | Booleans) -> Shaped[Numbers, " *further"]:
        rows = _as_slice(rows)
        block = self.array[rows]
        if self.mapped:
            span = self._span(rows)
            if isinstance(rows, slice):  # the next block comes while this one is computed with
                _advise(self.array[span.stop : 2 * span.stop - span.start], WILL_NEED)
        if self.bfloat16:
            found = _from_bfloat16(block)
        elif block.dtype == np.float16:
            found = _from_half(block)
        else:
            found = np.array(block) if self.mapped else block
        if self.mapped:
            _advise(self.array[span] if self.array.flags.c_contiguous else self.array, DO_NOT_NEED)
        return found

    def _span(self, rows: slice | Integers | Booleans) -> slice:
        """The rows between the first and the last."""
        places = np.arange(len(self))[rows]
        low, high = (int(places.min()), int(places.max()) + 1) if places.size else (0, 0)
        return slice(low, high)

    def apart(self) -> list["Stored"]:
        """What lies along the first axis."""
        return [Stored(part, self.bfloat16, self.mapped) for part in self.array]


def stored(value: Any, name: str = "array") -> Any:
    """The value as rows that are read in blocks: a numpy array, or LazyRows of what is narrow or
    lies on disk.

    Parameters
    ----------
    value : array_like or LazyRows
        Numpy arrays, also of the bfloat16 of other packages; memory maps, torch tensors, lists.
    name : str
        The argument, for errors.
    """
    if isinstance(value, LazyRows):
        return value
    if hasattr(value, "detach") and "bfloat16" in str(value.dtype):
        # Without a copy in single precision; who has a tensor has loaded torch.
        bits = value.detach().cpu().view(sys.modules["torch"].int16).numpy()
        return Stored(bits.view(np.uint16), bfloat16=True)
    array = as_array(value, name)
    if array.dtype.name == "bfloat16":
        return Stored(array.view(np.uint16), bfloat16=True)
    mapped = _is_mapped(array)
    return Stored(array, mapped=mapped) if mapped or array.dtype == np.float16 else array


def _as_slice(rows: slice | Integers | Booleans) -> slice | Integers | Booleans:
    """Indices that follow one another as a slice, which is no copy."""
    if isinstance(rows, slice) or rows.dtype.kind == "b" or not rows.size:
        return rows
    low, high = int(rows[0]), int(rows[-1])
    following = high - low == rows.size - 1 and low >= 0 and bool((np.diff(rows) == 1).all())
    return slice(low, high + 1) if following else rows


def _is_mapped(array: Any) -> bool:
    """Whether it lies in a map of a file, of which the process holds no changes of its own."""
    while array is not None:
        if isinstance(array, np.memmap):
            return array.mode in ("r", "r+")
        array = getattr(array, "base", None)
    return False


def _from_bfloat16(bits: Shaped[Numbers, "*further"]) -> Shaped[Numbers, "*further"]:
    """A single float begins with the bits of a bfloat16."""
    wide = bits.astype(np.uint32)
    wide <<= 16
    return wide.view(np.float32)


def _from_half(block: Shaped[Numbers, "*further"]) -> Shaped[Numbers, "*further"]:
    """Half floats as single ones, several times faster than numpy casts them.

    Sign, exponent and fraction move to their places in 32 bits; the exponent is then too small by
    112 for every finite number, those below the normal range included.
    """
    wide = np.ascontiguousarray(block).view(np.int16).astype(np.int32)
    wide <<= 13
    wide &= np.int32(-0x70000001)
    found = wide.view(np.float32)
    found *= np.float32(HALF)
    if found.size and max(found.max(), -found.min()) >= INFINITE:
        return block.astype(np.float32)
    return found.reshape(block.shape)


@cache
def _madvise() -> Any:
    return ctypes.CDLL(None).madvise if sys.platform == "linux" else None


def _advise(array: Shaped[Numbers, "*further"], advice: int) -> None:
    """Tell the system about the pages of a map; where it cannot be told, nothing is lost."""
    call = _madvise()
    if call is None or not array.size:
        return
    low, high = np.lib.array_utils.byte_bounds(array)
    page = ctypes.c_size_t(low).value % _page()
    call(ctypes.c_void_p(low - page), ctypes.c_size_t(high - low + page), ctypes.c_int(advice))


@cache
def _page() -> int:
    import mmap

    return mmap.PAGESIZE

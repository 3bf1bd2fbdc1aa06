"""Tensors of .safetensors, where they lie: 8 bytes of length, a header in JSON, then the numbers.

The format has no code and no compression (its specification, version 0.4), so that a memory map and
the header are all that is needed.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mvtheory.reading.contents import Contents
from mvtheory.rows import Stored

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
         "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1",
         "BOOL": "?"}  # fmt: skip


def tensors(path: Path, wanted: str | None) -> Contents:
    """The tensors by name."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 2 <= size <= path.stat().st_size - 8:
            raise ValueError("its header is not whole")
        try:
            header = json.loads(file.read(size))
        except ValueError:
            raise ValueError("its header is no JSON") from None
    about = {name: one for name, one in header.items() if name != "__metadata__"}
    return {name: partial(_tensor, path, 8 + size, one) for name, one in about.items()}


def _tensor(path: Path, start: int, about: dict[str, Any]) -> Any:
    kind, shape = about["dtype"], tuple(about["shape"])
    if kind not in TYPES:
        raise ValueError(f"numbers of type {kind} (known are {', '.join(TYPES)})")
    low, high = about["data_offsets"]
    dtype = np.dtype(TYPES[kind])
    if high - low != dtype.itemsize * int(np.prod(shape)):
        raise ValueError("its header does not fit its numbers")
    if high == low:
        return np.empty(shape, dtype)
    found = np.memmap(path, dtype, "r", start + low, shape)
    return Stored(found, bfloat16=True, mapped=True) if kind == "BF16" else found

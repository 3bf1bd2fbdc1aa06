"""Tensors that torch saved: a tensor, or a dictionary or list of tensors.

They are loaded by torch, weights only, so that no code of the file is run; and only for this is
torch imported, which nothing else here needs.
"""

import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mvtheory.reading.contents import Contents, ReadingError
from mvtheory.rows import Stored


def tensors(path: Path, wanted: str | None) -> Contents:
    """The tensors by name, or by number in a list."""
    path.open("rb").close()  # what is wrong with the path is said first
    try:
        import torch
    except ImportError:
        raise ReadingError('it needs torch; pip install "mvtheory[files]"') from None
    mapped = zipfile.is_zipfile(path)
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:  # of many types, by what is wrong with the file
        first = str(error).strip().split("\n")[0]
        raise ReadingError(
            f"torch loads no weights from it ({type(error).__name__}: {first}); save the tensor "
            "alone, torch.save(tensor.cpu(), path)"
        ) from None
    if torch.is_tensor(loaded):
        loaded = {path.stem: loaded}
    elif isinstance(loaded, list | tuple):
        loaded = {str(place): one for place, one in enumerate(loaded)}
    elif not isinstance(loaded, dict):
        loaded = {}
    return {str(name): partial(_array, one, torch, mapped) for name, one in loaded.items()
            if torch.is_tensor(one)}  # fmt: skip


def _array(tensor: Any, torch: Any, mapped: bool) -> Any:
    """Without a copy; bfloat16 by its bits."""
    tensor = tensor.detach()
    if tensor.layout != torch.strided:  # a copy in memory, whose pages cannot be read again
        tensor, mapped = tensor.to_dense(), False
    if tensor.dtype == torch.bfloat16:
        bits = tensor.contiguous().view(torch.int16).numpy().view(np.uint16)
        return Stored(bits, bfloat16=True, mapped=mapped and tensor.is_contiguous())
    found = tensor.numpy()
    return Stored(found, mapped=mapped) if found.ndim == 2 else found

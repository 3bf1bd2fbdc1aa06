"""How many networks are trained at once: as many as help, and never more than fit."""

from itertools import pairwise

import numpy as np
import psutil
import torch

CACHE_BYTES = 3 * 2**19
"""Working memory of a packed batch on a CPU, about a core's second-level cache. Beyond it the
elementwise passes wait for memory, and more networks at once are slower, not faster."""
SHARE_OF_MEMORY = 0.5


def available_bytes(device: torch.device) -> int:
    """Memory that is free on the device now."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free)
    return int(psutil.virtual_memory().available)


def networks_at_once(bytes_each: int, device: torch.device) -> int:
    """Networks in a packed batch, each needing `bytes_each` of working memory.

    A GPU takes all that its memory holds, a CPU what its cache holds. MemoryError if not even
    one network fits.
    """
    free = available_bytes(device)
    if bytes_each > free:
        raise MemoryError(
            f"one network needs {bytes_each / 2**20:.0f} MiB to train, {free / 2**20:.0f} MiB are "
            f"free on {device}: use fewer samples, fewer workers, or a device with more memory"
        )
    limit = SHARE_OF_MEMORY * free
    if device.type == "cpu":
        limit = min(limit, CACHE_BYTES)
    return max(1, int(limit // bytes_each))


def packs(networks: int, at_most: int) -> list[slice]:
    """Split networks into batches as equal as they go: a small last one would be slow."""
    bounds = np.linspace(0, networks, -(-networks // at_most) + 1).astype(int)
    return [slice(start, stop) for start, stop in pairwise(bounds.tolist())]

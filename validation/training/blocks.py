"""What training data falls apart into: patches and dimensions that are apart from all others."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Block = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Numbers of patches, and of the dimensions in which some of them is not 0."""


def blocks(patches: Tensor) -> list[Block]:
    """The parts of samples, shape (samples, patches, dimension), each with its own dimensions.

    Weights of one part answer to its patches alone, so that each can have products of its own,
    which are smaller. Where features come without noise, these are the features and the
    backgrounds. Dimensions and patches that are 0 in every sample belong to none;
    data without anything are one part.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    used = (patches != 0).any(0).cpu().numpy()
    slots, dimension = used.shape
    if not used.any():
        return [(np.arange(slots), np.arange(dimension))]
    patch, axis = np.nonzero(used)
    graph = coo_array((np.ones(patch.size), (patch, slots + axis)), shape=2 * (slots + dimension,))
    _, part = connected_components(graph, directed=False)
    return [
        (np.flatnonzero(part[:slots] == one), np.flatnonzero(part[slots:] == one))
        for one in np.unique(part[:slots][used.any(1)])
    ]


def chosen(tensor: Tensor, numbers: NDArray[np.int64], axis: int) -> Tensor:
    """Entries along an axis; the tensor itself, to be changed in place, where they are all."""
    if len(numbers) == tensor.shape[axis]:
        return tensor
    return tensor.index_select(axis, torch.from_numpy(numbers).to(tensor.device))

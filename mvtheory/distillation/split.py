"""Which of the samples students were trained on."""

import numpy as np

from mvtheory.arrays import as_array
from mvtheory.shapes import ArrayLike, Int, Integers


def trained_and_tested(
    split: ArrayLike | None, kept: Int[Integers, " kept"] | None, samples: int
) -> tuple[Int[Integers, " trained"] | None, Int[Integers, " tested"]]:
    """Indices of the samples trained on (None if none were given) and of the others."""
    everything = np.arange(samples)
    if split is None:
        return None, everything
    given = as_array(split, "split")
    if kept is not None:  # of all samples, those that are not ignored
        if given.dtype.kind == "b" and given.ndim == 1 and given.size > kept[-1]:
            given = given[kept]
        elif given.dtype.kind in "iu" and given.ndim == 1:
            given = np.flatnonzero(np.isin(kept, given))
    allowed = f"{samples} booleans, or indices from 0 to {samples - 1}, of training samples"
    if given.dtype.kind == "b" and given.shape == (samples,):
        chosen = given
    elif given.dtype.kind in "iu" and given.ndim == 1 and given.size:
        if given.min() < 0 or given.max() >= samples:
            raise ValueError(f"split holds {given.min()} to {given.max()}, not allowed "
                             f"({allowed}); count the samples from 0")  # fmt: skip
        chosen = np.isin(everything, given)
        if chosen.sum() < given.size:  # as of flags that are no booleans
            raise ValueError(f"split holds {given.size} indices of {int(chosen.sum())} samples, "
                             f"not allowed ({allowed}); give each once, or booleans")  # fmt: skip
    else:
        raise ValueError(f"split of shape {given.shape}, {given.dtype}, is not allowed "
                         f"({allowed}); mark the samples on which the students were trained"
                         )  # fmt: skip
    if chosen.all() or not chosen.any():
        raise ValueError(f"split marks {int(chosen.sum())} of {samples} samples ({allowed}, some "
                         "but not all); accuracies are predicted on the others")  # fmt: skip
    return everything[chosen], everything[~chosen]

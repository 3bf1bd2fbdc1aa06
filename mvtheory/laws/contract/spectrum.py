"""Where a spectrum lies."""

from typing import Protocol

import numpy as np

from mvtheory.laws.contract.shapes import Floats


class Spectrum(Protocol):
    """The intervals of the continuous part, ascending, and the point masses."""

    @property
    def support(self) -> tuple[tuple[float, float], ...]: ...

    @property
    def atoms(self) -> Floats: ...

    @property
    def weights(self) -> Floats: ...


def hull(law: Spectrum) -> tuple[float, float]:
    """The least interval that holds the spectrum, atoms included."""
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    return float(ends.min()), float(ends.max())


def is_point(law: Spectrum) -> bool:
    """Whether a law is one atom and nothing else."""
    return not law.support and law.atoms.size == 1

"""What rows look like that are no logits: probabilities, and what people make of them.

All these kinds are numbers >= 0, and logits may be moved by any constant: so logits that only look
like one of them have a way out, which every message names.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.shapes import Float, Floats, Int, Integers

FEW_ROWS = 10
"""Rows below which the same number of zeros in each is chance."""
FEW_NUMBERS = 20
"""Numbers of either sign all lie above 0 once in 2^20 cases."""
PERCENT = 3.0
"""By which sums of whole percentages are off 100."""
ALIKE = 0.05
"""Share of the range within rows by which their sums differ at most, and of the largest number that
the range exceeds: logits moved by a large number are alike relative to it, not to their range."""
FULL = 0.9
"""Share of numbers above 0 among sigmoids, some of which underflow; of ReLU outputs about half."""
LOG = "np.log(np.maximum(p, 1e-30)) of the probabilities p as doubles"
MOVED = "; logits that only look so can be given minus 1, which changes no probability"


@dataclass(frozen=True)
class Kind:
    """What rows look like, and how to make logits of them."""

    looks: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Of rows of K numbers >= 0: sums, extremes and how many are not 0, shape (N,).

    `whole` says that all are whole numbers.
    """

    classes: int
    sums: Float[Floats, " samples"]
    largest: Float[Floats, " samples"]
    smallest: Float[Floats, " samples"]
    nonzero: Int[Integers, " samples"]
    whole: bool

    def kind(self, tolerance: float) -> Kind | None:
        """What they look like; None for what can be logits.

        Rows of sum 1 are probabilities. Rows of another sum s are multiples of them if all have
        it but not the same extremes (as rows have that differ in the order of the classes only)
        and they are no whole numbers, or if the sum is near 100. Numbers in [0, 1] are what is left
        of probabilities if the rows have equally many zeros and sums up to 1, and sigmoids if
        hardly one is 0. `tolerance` is the relative rounding of sums.
        """
        if np.abs(self.sums - 1).max() <= tolerance:
            return Kind(
                "probabilities (rows >= 0 of sum 1)",
                "the numbers before the softmax, or np.log of the probabilities without zeros, "
                f"{LOG}",
            )
        total = float(self.sums.mean())
        differ = any(
            float(np.ptp(x)) > tolerance * float(x.max()) for x in (self.largest, self.smallest)
        )
        off, within = np.abs(self.sums - total).max(), float((self.largest - self.smallest).mean())
        alike = not self.whole and off <= min(tolerance * total, ALIKE * within)
        percent = len(self.sums) >= FEW_ROWS and np.abs(self.sums - 100).max() <= PERCENT
        if differ and (alike or percent):
            s = 100 if percent else float(f"{total:.3g}")
            what = "percentages" if s == 100 else f"probabilities times {s:g}, of {s:g} networks"
            return Kind(
                f"{what} (rows >= 0 of sum {s:g})",
                f"the numbers before the softmax, or divide by {s:g} and give {LOG}",
            )
        if self.largest.max() > 1:
            return None
        kept, samples = int(self.nonzero[0]), len(self.sums)
        if (
            samples >= FEW_ROWS
            and 0 < kept < self.classes
            and (self.nonzero == kept).all()
            and self.sums.max() <= 1 + tolerance
        ):
            return Kind(
                f"the {kept} largest probabilities of each row, the others set to 0 (rows in "
                "[0, 1] of sums up to 1)",
                "the numbers before the softmax of all classes, or spread the rest, p + (p == 0) * "
                f"(1 - p.sum(axis=1, keepdims=True)) / {self.classes - kept}, and give {LOG}",
            )
        numbers, wide = samples * self.classes, within > ALIKE * float(self.largest.max())
        if differ and wide and numbers >= FEW_NUMBERS and self.nonzero.sum() >= FULL * numbers:
            return Kind(
                "sigmoids (all numbers in [0, 1], rows of other sums than 1)",
                "the numbers before the sigmoid (or before a softmax along axis=0), "
                "np.log(p / (1 - p)) with p = np.clip(p, 1e-7, 1 - 1e-7) as doubles",
            )
        return None

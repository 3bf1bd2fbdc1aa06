"""Views that all samples show alike, in sequences or graphs: the lottery without single views."""

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from mvtheory import coverage as theory
from validation.experiments.description import Described
from validation.trial.claim import Expectation

Law = Callable[[int, int], float]
"""Coverage of N networks, by the views M and N."""


def lottery(views: int, networks: int) -> float:
    return float(theory.ensemble(views=views, networks=networks))


class ShownAlike(Described):
    """A setting whose networks race for the views of their classes, in ensembles of `sizes`."""

    classes: int
    sizes: tuple[int, ...]

    if TYPE_CHECKING:  # a field, or a property: a default would be taken for the field's

        @property
        def views(self) -> int: ...

    @abstractmethod
    def raced(self) -> float:
        """Coverage of one network by the growth law, with near-ties."""

    def margin(self) -> float:
        """A fifth of what a second network adds to the coverage."""
        return (lottery(self.views, 2) - 1 / self.views) / 5

    def spread(self, size: int) -> float:
        """Deviation of a replicate's mean coverage of ensembles of `size`."""
        drawn = theory.union_variance(self.views, self.networks, size) / self.classes
        tied = min(max(self.views * self.raced() - 1, 0.0), 1.0)
        more = size * (1 - self.raced()) ** (size - 1) / self.views
        ties = more**2 * tied * (1 - tied) / (self.classes * self.networks)
        return math.sqrt(drawn + ties)

    def covered(self, panel: str, series: str, law: Law) -> list[Expectation]:
        """Coverage of ensembles by the law, and at the coverage that one network has here."""
        alone, rows = self.raced(), []
        for size in self.sizes:
            predicted = law(self.views, size)
            finite = predicted + 1 - (1 - alone) ** size - lottery(self.views, size)
            rows.append(
                Expectation.around(
                    panel, series, size, predicted, self.margin(), self.spread(size),
                    finite_size=finite, most=1.0,
                )
            )  # fmt: skip
        return rows

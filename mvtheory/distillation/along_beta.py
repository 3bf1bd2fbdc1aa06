r"""Students of other divergences than those that are mixed: what changes with beta.

From the forward divergence, beta = 0, to the reverse one, beta = 1, students change little, less
the warmer they are, for all divergences agree where student and teacher are near, and often no more
than from one training to another. So anchors of one beta are mixed, the one with the most
temperatures, and what an anchor of another beta scores beyond what they foretell at its temperature
and weight is what changes with beta. Elsewhere that change is taken

- linear in beta, between those next to the one asked for that anchors have;
- linear in w and in log T, as of the linear mixture (`mixture.line`), at the nearest temperature
  T' within those of the anchors of that beta; times sqrt(T'/T) if T is above it.

Exact at every student given. Its error is that of another training, sqrt(V/n) where V of n samples
are right by one student and wrong by the other, times T'/T if T is below. That 1.2 times this holds
90 %, and the root, were fixed on development problems (`benchmarks/beta.py`). The mixture by
residuals, which has an equation for every divergence, did worse there than no change with beta, and
so did the line through accuracies.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mvtheory.distillation.measures import HIGHEST, Evidence
from mvtheory.distillation.mixture import Anchor, Coefficients, line
from mvtheory.distillation.prediction import Grid, Outputs, Prediction, predict
from mvtheory.distillation.readings import MEASURES, Samples, class_weights, read, values
from mvtheory.shapes import Float, Floats, Int, Integers

POWER = 0.5
"""Of T'/T."""
WIDTH = 1.2
"""Scale of the error, in units of that of another training."""
Scores = Float[Floats, "others measures"]


@dataclass(frozen=True)
class Share:
    """How much of what the anchors of one beta have changed counts at a setting."""

    anchors: Int[Integers, " chosen"]
    """Places among the others."""
    change: Float[Floats, " chosen"]
    error: Float[Floats, " chosen"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AlongBeta:
    """What changes with beta, from checked outputs whose anchors may have several.

    `base` has the anchors of the beta that is mixed, `others` are the rest.
    """

    outputs: Outputs

    @cached_property
    def beta(self) -> float:
        """That is mixed: the least of those with the most temperatures; 0 without anchors."""
        temperatures: dict[float, set[float]] = {}
        for anchor in sorted(self.outputs.anchors, key=lambda anchor: anchor.beta):
            temperatures.setdefault(anchor.beta, set()).add(anchor.temperature)
        return max(temperatures, key=lambda beta: len(temperatures[beta]), default=0.0)

    @property
    def betas(self) -> tuple[float, ...]:
        """Of all anchors."""
        return tuple(sorted({self.beta, *(anchor.beta for anchor in self.outputs.anchors)}))

    @cached_property
    def base(self) -> Outputs:
        if not self.others:
            return self.outputs
        anchors = (anchor for anchor in self.outputs.anchors if anchor.beta == self.beta)
        return replace(self.outputs, anchors=tuple(anchors))

    @cached_property
    def others(self) -> tuple[Anchor, ...]:
        return tuple(anchor for anchor in self.outputs.anchors if anchor.beta != self.beta)

    def shares(self, temperature: float, weight: float, beta: float) -> Iterator[Share]:
        """Of the betas next to the one asked for, but for that of the base."""
        for node, hat in zip(self.betas, np.eye(len(self.betas)), strict=True):
            share = float(np.interp(beta, self.betas, hat))
            if node == self.beta or not share:
                continue
            own = np.array([j for j, anchor in enumerate(self.others) if anchor.beta == node])
            alike = [self.others[j] for j in own]
            known = [anchor.temperature for anchor in alike]
            near = min(max(temperature, min(known)), max(known))
            weights = share * line(alike, near, weight)
            ratio = near / temperature
            yield Share(own, min(1.0, ratio**POWER) * weights, max(1.0, ratio) * np.abs(weights))

    def change(self, name: str, found: Prediction, beta: float) -> tuple[Grid, Grid]:
        """Of a measure over the grid of a prediction, and the scale of its error."""
        gains, noises = self._gains(name), self._noises[:, MEASURES.index(name)]
        middle, scale = np.zeros((2, *found.weights.shape))
        with np.errstate(invalid="ignore"):  # of infinite losses
            for place, weight in np.ndenumerate(found.weights):
                for share in self.shares(found.temperatures[place[0]], float(weight), beta):
                    middle[place] += share.change @ gains[share.anchors]
                    scale[place] += share.error @ noises[share.anchors]
        return middle, WIDTH * scale

    def shifted(self, found: Prediction, beta: float) -> Prediction:
        """A prediction by the base, moved to another beta."""
        if beta == self.beta:
            return found
        change, scale = self.change("accuracy", found, beta)
        return replace(
            found,
            accuracy=np.clip(found.accuracy + change, 0, 1),
            terms=replace(found.terms, beta=scale),
        )

    @cached_property
    def _foretold(self) -> list[tuple[Prediction, Evidence]]:
        """Of each of the others, by the base at its own setting."""
        found = []
        for anchor in self.others:
            t, a = (anchor.temperature,), (anchor.hard_weight,)
            known = predict(self.base, t, a)
            evidence = Evidence(outputs=self.base, temperatures=t, hard_weights=a,
                                mixtures=known.mixtures, numbers=np.arange(0))  # fmt: skip
            found.append((known, evidence))
        return found

    @cached_property
    def _scored(self) -> Scores:
        """What the others score."""
        samples = self._samples(self.others, self.base.tested)
        alone = np.eye(len(self.others)).tolist()
        return read(samples, [Coefficients(hard=0.0, anchors=tuple(row)) for row in alone]).measures

    @cached_property
    def _noises(self) -> Scores:
        """What others and base would differ by if all their differences were noise."""
        own = len(self.base.parts)
        samples = self._samples((*self.base.parts, *self.others), self.base.sensed)
        weight, found = class_weights(samples.counts()), np.zeros_like(self._scored)
        for labels, hard, soft in samples.walk():
            for row, (known, _) in enumerate(self._foretold):
                mixed = values(known.mixtures[0].of(hard, soft[:own]), labels, weight)[0]
                with np.errstate(invalid="ignore"):  # both of infinite loss: alike
                    gaps = values(soft[own + row], labels, weight)[0] - mixed
                found[row] += (np.nan_to_num(gaps, posinf=np.inf, neginf=np.inf) ** 2).sum(axis=1)
        return np.sqrt(found / samples.chosen.size / self.base.tested.size)

    def _samples(self, parts: tuple[Anchor, ...], chosen: Int[Integers, " chosen"]) -> Samples:
        return Samples(
            labels=self.base.labels, student=self.base.student, parts=parts, chosen=chosen
        )

    def _gains(self, name: str) -> Float[Floats, " others"]:
        """What the others score beyond what is foretold."""
        if name == "accuracy":
            foretold = [float(known.accuracy[0, 0]) for known, _ in self._foretold]
        else:
            foretold = [float(evidence.predicted(name)[0, 0]) for _, evidence in self._foretold]
        with np.errstate(invalid="ignore"):  # both infinite: alike
            beyond = self._scored[:, MEASURES.index(name)] - np.array(foretold)
        return np.asarray(np.nan_to_num(beyond, nan=0.0, posinf=np.inf, neginf=-np.inf))


@dataclass(frozen=True, kw_only=True, eq=False)
class Moved(Evidence):
    """Evidence of the base, moved to another beta. Accuracies by class stay those of the base."""

    along: AlongBeta
    found: Prediction
    beta: float

    def predicted(self, name: str) -> Grid:
        moved = super().predicted(name) + self._change(name)[0]
        return np.clip(_known(moved), 0, HIGHEST.get(name, 1.0))

    def scale(self, name: str) -> Grid:
        return _known(np.hypot(super().scale(name), self._change(name)[1]))

    def _change(self, name: str) -> tuple[Grid, Grid]:
        return self.along.change(name, self.found, self.beta)


def _known(grid: Grid) -> Grid:
    """Differences of infinite losses are infinite."""
    return np.asarray(np.nan_to_num(grid, nan=np.inf, posinf=np.inf))

"""Constants of the intervals, fitted to errors, and what they hold on kinds left out of the fit."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from distillation_scores import ANCHORS, BLEND, CONFIDENCE, NO_SPLIT, SEEDS, SHAPE, Scored
from numpy.typing import NDArray
from scipy import optimize

from mvtheory.distillation.interval import FREEDOM, Terms, half_width
from mvtheory.distillation.prediction import SCALES

HELD = 0.4
"""Weight of the noise before the factor for the coverage; see `interval`."""
TERMS = [field.name for field in fields(Terms) if field.name not in ("start", "beta")]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """Terms (N, terms), errors (N,), kinds, and weights by which all problems count the same."""

    terms: Floats
    errors: Floats
    kinds: NDArray[np.str_]
    weights: Floats

    def only(self, chosen: NDArray[np.bool_]) -> "Errors":
        return Errors(
            self.terms[chosen], self.errors[chosen], self.kinds[chosen], self.weights[chosen]
        )

    def scale(self, constants: Floats) -> Floats:
        return np.sqrt(self.terms**2 @ constants**2 + 1e-12)

    def quantile(self, scale: Floats, share: float = CONFIDENCE) -> float:
        """Of the errors in units of the scale."""
        ratios = np.abs(self.errors) / np.maximum(scale, 1e-12)
        order = np.argsort(ratios)
        below = np.cumsum(self.weights[order]) / self.weights.sum()
        return float(ratios[order][np.searchsorted(below, share)])

    def held(self, half: Floats) -> float:
        """Share of the errors within these half-widths."""
        return float(np.average(np.abs(self.errors) <= half, weights=self.weights))


def errors(scored: Sequence[Scored], estimator: str) -> Errors:
    """Of all anchors, seeds and settings that were not trained for the estimator."""
    parts = []
    for one in scored:
        own = []
        for name, runs in ANCHORS.items():
            new = one.new(runs)
            for seed in range(SEEDS):
                found = one.ours[seed, name, estimator]
                columns = [np.broadcast_to(getattr(found.terms, term), SHAPE)[new]
                           for term in TERMS]  # fmt: skip
                off = (found.accuracy - one.grid(seed))[new]
                own.append((np.stack(columns, axis=1), off, np.full(off.size, 1 / off.size)))
        terms, off, weights = map(np.concatenate, zip(*own, strict=True))
        parts.append((terms, off, np.full(off.size, one.kind), weights / weights.sum()))
    terms, off, kinds, weights = map(np.concatenate, zip(*parts, strict=True))
    return Errors(terms, off, kinds, weights * weights.size / weights.sum())


def constants(data: Errors, used: NDArray[np.bool_]) -> Floats:
    """By maximum likelihood, Student's law; then by a factor that lets intervals hold 90 %.

    The weight of the noise is held, that of terms that are not used is 0.
    """
    place = TERMS.index("noise")
    free = used.copy()
    free[place] = False

    def all_(logs: Floats) -> Floats:
        found = np.zeros(len(TERMS))
        found[place], found[free] = HELD, np.exp(logs)
        return found

    def loss(logs: Floats) -> tuple[float, Floats]:
        weights = all_(logs)
        square = data.terms**2 @ weights**2 + 1e-9
        ratio = data.errors**2 / square / FREEDOM
        law = np.log(square) / 2 + (FREEDOM + 1) / 2 * np.log1p(ratio)
        slope = 0.5 / square * (1 - (FREEDOM + 1) * ratio / (1 + ratio)) * data.weights
        slopes = 2 * (slope @ data.terms[:, free] ** 2) * weights[free] ** 2 / len(square)
        value = float(np.mean(data.weights * law) + 1e-4 * np.mean(logs**2))
        return value, slopes + 2e-4 * logs / len(logs)

    start = np.full(int(free.sum()), -1.5)
    logs = optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(-9, 3)] * len(start)
    ).x
    found = all_(logs)
    return found * data.quantile(data.scale(found)) / half_width(1.0, CONFIDENCE)


def used(estimator: str) -> NDArray[np.bool_]:
    """Terms with a weight in the product."""
    weights = SCALES["balanced" if estimator == BLEND else "linear"]
    return np.array([getattr(weights, term) > 0 for term in TERMS])


def fitted(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """Constants, by estimator."""
    found = {}
    for estimator in (BLEND, NO_SPLIT):
        values = constants(errors(scored, estimator), used(estimator))
        found[estimator] = dict(zip(TERMS, np.round(values, 3).tolist(), strict=True))
    return found


@dataclass(frozen=True)
class LeftOut:
    """What intervals hold whose constants were fitted without the kind that they are tried on."""

    held: float
    half: float
    factor: float
    by_kind: dict[str, float]


def left_out(scored: Sequence[Scored], estimator: str) -> LeftOut:
    data, terms = errors(scored, estimator), used(estimator)
    half = np.empty(len(data.errors))
    for kind in np.unique(data.kinds):
        own = data.kinds == kind
        found = constants(data.only(~own), terms)
        half[own] = half_width(data.only(own).scale(found), CONFIDENCE)
    return LeftOut(
        held=data.held(half), half=float(np.average(half, weights=data.weights)),
        factor=data.quantile(half),
        by_kind={str(kind): data.only(data.kinds == kind).held(half[data.kinds == kind])
                 for kind in np.unique(data.kinds)},
    )  # fmt: skip

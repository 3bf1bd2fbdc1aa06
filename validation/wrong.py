"""Deliberately wrong formulas and rules: the claims must refuse them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from validation.claim import Expectation
from validation.experiments import (
    advisor_regret,
    distilled_accuracy,
    dual_gradient,
    h_spectrum,
    single_view,
)
from validation.experiments import ensemble_coverage as ensembles


@dataclass(frozen=True)
class Wrong:
    """A deliberately wrong formula in a claim, and whether its predictions or its rule is wrong."""

    claim: str
    words: str
    expect: Callable[[Any], list[Expectation]] | None = None
    truth: Callable[[Expectation, int], float] | None = None
    """For a wrong rule: the share that it would get right, by expectation and views."""


def _ensemble(words: str, formula: Callable[[int, int], float]) -> Wrong:
    def expect(setting: Any) -> list[Expectation]:
        return ensembles.expect(setting, lambda views, networks: formula(views, networks))

    return Wrong("ensemble-coverage", words, expect)


def _coverage(words: str, formula: Callable[[int], float]) -> Wrong:
    return Wrong(
        "single-view",
        words,
        lambda setting: single_view.expect(setting, lambda views: formula(views)),
    )


def _error(words: str, formula: Callable[[float, float, int], float]) -> Wrong:
    return Wrong("single-view", words, lambda setting: single_view.expect(setting, error=formula))


WRONG = (
    _ensemble("N + 1 in place of N", lambda m, n: 1 - (1 - 1 / m) ** (n + 1)),
    _ensemble("N - 1 in place of N", lambda m, n: 1 - (1 - 1 / m) ** (n - 1)),
    _ensemble("M and N swapped", lambda m, n: 1 - (1 - 1 / n) ** m),
    _ensemble("1/M^2 in place of 1/M", lambda m, n: 1 - (1 - 1 / m**2) ** n),
    _ensemble("missing power: 1 - (1 - 1/M)", lambda m, n: 1 / m),
    _ensemble("complement: (1 - 1/M)^N", lambda m, n: (1 - 1 / m) ** n),
    _ensemble("1 - (1/M)^N", lambda m, n: 1 - m**-n),
    _ensemble("without replacement: N/M", lambda m, n: min(1.0, n / m)),
    _ensemble("everything is covered", lambda m, n: 1.0),
    _ensemble("M + 1 views", lambda m, n: 1 - (1 - 1 / (m + 1)) ** n),
    _ensemble("Poisson limit 1 - exp(-N/M)", lambda m, n: 1 - math.exp(-n / m)),
    _coverage("missing square root: 1/M^2", lambda m: 1 / m**2),
    _coverage("complement and M swapped: 2/(M + 1)", lambda m: 2 / (m + 1)),
    _coverage("M + 1 views: 1/(M + 1)", lambda m: 1 / (m + 1)),
    _coverage("every view", lambda m: 1.0),
    _error("error mu C in place of mu (1 - C)", lambda c, mu, k: mu * c * (1 - 1 / k)),
    _error("error without mu", lambda c, mu, k: (1 - c) * (1 - 1 / k)),
    _error("error mu (1 - C) / K", lambda c, mu, k: mu * (1 - c) / k),
    _error("error mu (1 - C)^2", lambda c, mu, k: mu * (1 - c) ** 2 * (1 - 1 / k)),
    Wrong("winner", "a view drawn at random wins", truth=lambda e, m: 1 / m),
    Wrong("winner", "the weakest view wins", truth=lambda e, m: (1 - e.expected) / (m - 1)),
    Wrong(
        "dual-gradient",
        "Lemma 2 of the loss as printed",
        lambda setting: dual_gradient.expect(setting, reverse=True),
    ),
    Wrong(
        "h-spectrum",
        "the generalised Wishart law of one-hot predictions",
        lambda setting: h_spectrum.expect(setting, wishart=True),
    ),
    Wrong(
        "distilled-accuracy",
        "predictions two percent too low",
        lambda setting: distilled_accuracy.expect(setting, bias=0.02),
    ),
    Wrong(
        "advisor-regret",
        "five percent better than the usual setting",
        lambda setting: advisor_regret.expect(setting, gain=0.05),
    ),
)

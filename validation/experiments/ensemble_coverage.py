"""Claim: averaging the outputs of N networks covers 1 - (1 - 1/M)^N of the views."""

from collections.abc import Sequence

import numpy as np

from mvtheory import coverage as theory
from validation.claim import CONFIDENCE, Claim, Comparison, Expectation
from validation.experiments.lottery import LotterySetting, Measured, settings

PANEL = "ensemble coverage"


def exact_band(views: int, networks: int, lotteries: int) -> tuple[float, float]:
    """Range that holds the mean coverage of `lotteries` classes with 95 % probability.

    From the exact law of the sum of their distinct views, a convolution of occupancy laws.
    """
    distinct = theory.distinct_views(views=views, networks=networks)
    one = distinct.pmf(np.arange(views + 1))
    total = np.array([1.0])
    for _ in range(lotteries):
        total = np.convolve(total, one)
    cumulative = total.cumsum()
    tail = (1 - CONFIDENCE) / 2
    low, high = np.searchsorted(cumulative, [tail, 1 - tail])
    return low / (views * lotteries), high / (views * lotteries)


def expect(setting: LotterySetting) -> list[Expectation]:
    data, margin = setting.data, setting.margin()
    alone = setting.finite_size_coverage()
    lotteries = setting.sets * data.classes
    expectations = []
    for networks in range(1, setting.networks + 1):
        predicted = float(theory.ensemble(views=data.views, networks=networks))
        finite = 1 - (1 - alone) ** networks
        expectations.append(
            Expectation(
                PANEL,
                setting.label,
                networks,
                predicted,
                predicted - margin,
                min(1.0, finite + margin),
                finite,
                exact_band(data.views, networks, lotteries),
            )
        )
    return expectations


def observe(measured: Measured) -> list[tuple[Sequence[float], int]]:
    sizes = range(1, measured.setting.networks + 1)
    return [
        ([e["coverage"] for e in measured.ensembles if e["networks"] == size], measured.lotteries)
        for size in sizes
    ]


def remarks(comparisons: list[Comparison], measured: list[Measured]) -> list[str]:
    lines = []
    for study in measured:
        own = [c for c in comparisons if c.expectation.series == study.setting.label]
        worst = max(own, key=lambda c: abs(c.difference))
        outside = [
            f"{c.expectation.x:g}"
            for c in own
            if c.expectation.band
            and not c.expectation.band[0] <= c.observed <= c.expectation.band[1]
        ]
        where = f"at N = {', '.join(outside)}" if outside else "at no N"
        lines.append(
            f"{study.setting.label}: the largest difference from the asymptotic formula is "
            f"{worst.difference:+.3f} ± {worst.standard_error:.3f}, at N = "
            f"{worst.expectation.x:g}. The mean leaves the exact 95 % band of the asymptotic law "
            f"for {study.lotteries} lotteries {where}."
        )
    return lines


ENSEMBLE_COVERAGE = Claim(
    name="ensemble-coverage",
    title="An ensemble of N networks covers 1 - (1 - 1/M)^N of the views",
    statement=(
        "Networks that differ only in their initial weights learn views independently, so the "
        "average of the outputs of N of them covers a share 1 - (1 - 1/M)^N of the views, and "
        "errs that much less."
    ),
    sources=("Allen-Zhu & Li (2023), Theorem 2; for M > 2: ours",),
    formulas=("ensemble", "variance"),
    assumptions=(
        "those of the claim single-view for each network",
        "networks of an ensemble share their training data and differ in their initial weights",
        "outputs of similar scale: memory of one network does not drown the views of another",
    ),
    margin=(
        "At every N the range runs from the asymptotic formula to the same formula with the "
        "coverage that the growth law gives a single network at this initialisation, widened on "
        "both sides by (1 - 1/M)/(5M), a fifth of what a second network adds. A formula that is "
        "off by one in N leaves it at N = 1 and 2."
    ),
    change=(
        "Networks that share biases (a common favourite view), the conditions that break "
        "single-view, or noise so strong at test time that memory of training noise outvotes the "
        "one network that knows the view."
    ),
    panels={PANEL: ("number of networks N", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    remarks=remarks,
)

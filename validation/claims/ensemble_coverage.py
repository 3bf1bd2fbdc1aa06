"""Claim: averaging the outputs of N networks covers 1 - (1 - 1/M)^N of the views."""

import math
from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import LotterySetting, check, require, settings
from validation.trial.claim import (
    Claim,
    Comparison,
    Expectation,
    Measured,
    Sample,
    Wrong,
    paired_difference,
)

PANEL, GAIN = "ensemble coverage", "gain of the second network"


def expect(
    setting: LotterySetting, ensemble: Callable[..., float] = theory.ensemble
) -> list[Expectation]:
    """Predictions; another formula in place of the theory's serves the calibration."""
    views, margin = setting.data.views, setting.margin()
    alone = setting.finite_size_coverage()
    sizes = range(1, setting.networks + 1)
    predicted = [float(ensemble(views=views, networks=size)) for size in sizes]
    # What near-ties add to the coverage of N independent networks.
    finite = [
        value + (1 - 1 / views) ** size - (1 - alone) ** size
        for size, value in zip(sizes, predicted, strict=True)
    ]
    expectations = []
    for size, value, at_finite in zip(sizes, predicted, finite, strict=True):
        spread = math.hypot(setting.coverage_spread(size), setting.guessed_spread(at_finite))
        expectations.append(
            Expectation.around(
                PANEL, setting.label, size, value, margin, spread, setting.coverage_trials(size),
                at_finite, most=1.0,
            )
        )  # fmt: skip
    gain, finite_gain = predicted[1] - predicted[0], finite[1] - finite[0]
    expectations.append(
        Expectation.around(
            GAIN, setting.label, "N = 2 minus N = 1, paired", gain, margin,
            # Guesses partly cancel; not counting on that errs on the side of more.
            math.hypot(setting.gain_spread(2), setting.guessed_spread(*finite[:2])),
            finite_size=finite_gain,
        )
    )  # fmt: skip
    return expectations


def observe(measured: Measured) -> list[Sample]:
    setting, table = measured.setting, measured.tables["ensembles"]
    coverage = table.pivot(index="replicate", columns="size", values="coverage").clip(0, 1)
    samples = [
        Sample.of(coverage[size].to_numpy(), setting.coverage_trials(size) * measured.replicates)
        for size in range(1, setting.networks + 1)
    ]
    return [*samples, paired_difference(table, "coverage", {"size": 2}, {"size": 1})]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        own = [
            c
            for c in comparisons
            if c.expectation.series == study.setting.label and c.expectation.panel == PANEL
        ]
        worst = max(own, key=lambda c: abs(c.difference))
        away = [
            f"{c.expectation.x:g}"
            for c in own
            if abs(c.difference) > 1.96 * c.expectation.spread / math.sqrt(c.replicates)
        ]
        where = f"at N = {', '.join(away)}" if away else "at no N"
        lines.append(
            f"{study.setting.label}: the largest difference from the asymptotic formula is "
            f"{worst.difference:+.3f} ± {worst.standard_error:.3f}, at N = "
            f"{worst.expectation.x:g}. The mean lies further from the asymptotic value than the "
            f"lottery's own 95 % fluctuation {where}."
        )
    return lines


def _wrong(words: str, formula: Callable[[int, int], float]) -> Wrong:
    def ensemble(views: int, networks: int) -> float:
        return formula(views, networks)

    return Wrong(words, lambda setting: expect(setting, ensemble))


ENSEMBLE_COVERAGE = Claim(
    name="ensemble-coverage",
    place=(1, 2),
    title="An ensemble of N networks covers 1 - (1 - 1/M)^N of the views",
    statement=(
        "Networks that differ only in their initial weights learn views independently, so the "
        "average of the outputs of N of them covers a share 1 - (1 - 1/M)^N of the views, and "
        "errs that much less."
    ),
    sources=(Credit("{}; for M > 2: ours", Source("allenzhu2023", "Theorem 2")),),
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
    does_not_show=(
        "why networks differ: one training set, and initial weights alone are drawn anew; other "
        "data, order of batches or augmentation are not tried",
        "independence itself: any choice of views whose N networks cover as much in the mean "
        "would pass; agreement between them is the claim votes'",
        "ensembles of more than ten networks, or of networks of different kinds",
    ),
    panels={PANEL: ("number of networks N", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("N + 1 in place of N", lambda m, n: 1 - (1 - 1 / m) ** (n + 1)),
        _wrong("N - 1 in place of N", lambda m, n: 1 - (1 - 1 / m) ** (n - 1)),
        _wrong("M and N swapped", lambda m, n: 1 - (1 - 1 / n) ** m),
        _wrong("1/M^2 in place of 1/M", lambda m, n: 1 - (1 - 1 / m**2) ** n),
        _wrong("missing power: 1 - (1 - 1/M)", lambda m, n: 1 / m),
        _wrong("complement: (1 - 1/M)^N", lambda m, n: (1 - 1 / m) ** n),
        _wrong("1 - (1/M)^N", lambda m, n: 1 - m**-n),
        _wrong("without replacement: N/M", lambda m, n: min(1.0, n / m)),
        _wrong("everything is covered", lambda m, n: 1.0),
        _wrong("M + 1 views", lambda m, n: 1 - (1 - 1 / (m + 1)) ** n),
        _wrong("Poisson limit 1 - exp(-N/M)", lambda m, n: 1 - math.exp(-n / m)),
    ),
    remarks=remarks,
)

"""Claim: training the sum of networks as one gains nothing over one network."""

import math
from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Source
from validation.experiments.lottery.setting import LotterySetting, check, require
from validation.experiments.lottery.small import small_lottery
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "trained as a sum"
SUMMANDS, NEURONS = 5, 6
DEVIATION = 0.01
"""Less than in other lotteries: among five times as many neurons more races are nearly tied."""
SURER = 1.25
"""Replicates are planned for so much more than a replicate's deviation: tests name views that are
half learned, which the growth law does not count, and that takes of the margin on one side (.026 of
.05 on another seed; to be as sure as elsewhere would take four times as many)."""


def settings(preset: str) -> tuple[LotterySetting, ...]:
    """Sums of five networks: each is one network with the neurons of all, F being a sum of them."""
    size = {"quick": "careful"}.get(preset, preset)
    views = {"smoke": (2,), "quick": (2,), "standard": (2, 3, 4), "full": (2, 3, 4)}[preset]
    return tuple(
        small_lottery(
            size,
            f"sum of {SUMMANDS}",
            count,
            networks=20,
            # Where memory is silent, a view that is half learned is named too: with this many
            # neurons and few classes that is often, unless noise has few dimensions.
            noise_dimensions=8 if preset == "quick" else 14,
            neurons=SUMMANDS * NEURONS,
            deviation=DEVIATION,
            sizes=(1,),
        )
        for count in views
    )


def of_sum(views: int, networks: int) -> float:
    return float(theory.single_network(views=views))


def expect(
    setting: LotterySetting, joint: Callable[[int, int], float] = of_sum
) -> list[Expectation]:
    """Predictions; another formula for the sum's coverage serves the calibration."""
    views, margin = setting.data.views, setting.margin()
    value = joint(views, SUMMANDS)
    finite = value + setting.finite_size_coverage() - of_sum(views, SUMMANDS)
    spread = SURER * math.hypot(setting.coverage_spread(1), setting.guessed_spread(value))
    return [
        Expectation.around(
            PANEL, f"sum of {SUMMANDS}", setting.label, value, margin, spread, finite_size=finite
        )
    ]


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("networks", "coverage"))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for comparison, study in zip(comparisons, measured, strict=True):
        views = study.setting.data.views
        apart = float(theory.ensemble(views=views, networks=SUMMANDS))
        counted = study.by_replicate("networks", "coverage_by_weights").mean()
        lines.append(
            f"{study.setting.label}: the sum covers {comparison.observed:.3f} of the views "
            f"(counted from the weights: {counted:.3f}); {SUMMANDS} networks trained one by one "
            f"would cover {apart:.3f} (claim ensemble-coverage)."
        )
    return lines


_wrong = wrong_by(expect)


TRAINED_SUM = Claim(
    name="trained-sum",
    place=(2, 5),
    title="Training the sum of networks gains nothing over one network",
    statement=(
        "If the sum of the outputs of N networks is trained from their N initialisations, one view "
        "of a class wins in all of them together: the sum covers 1/M, like one network, and not "
        "1 - (1 - 1/M)^N, like the average of networks trained one by one."
    ),
    sources=(Source("allenzhu2023", "section 1"),),
    formulas=("single_network", "ensemble"),
    assumptions=("those of the claim single-view", "a sum of N networks: one with N m neurons"),
    margin=(
        "The range runs from 1/M to the coverage that the growth law gives a network with N m "
        "neurons here, widened on both sides by (1 - 1/M)/(5M), a fifth of what a second network "
        "adds when trained apart."
    ),
    change="What breaks single-view: a larger initialisation, a lower activation power.",
    does_not_show=(
        "that every way of joint training does so: the sum of N outputs is trained by one loss, "
        "from N small initialisations; weights by network or a rate for each are not tried",
        "why: a single wider network covers as much, and both are the same model here",
        "sums of more than five networks",
    ),
    panels={PANEL: ("setting (M views, K classes)", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the sum covers what the ensemble does", lambda m, n: 1 - (1 - 1 / m) ** n),
        _wrong("the sum covers what two networks do", lambda m, n: 1 - (1 - 1 / m) ** 2),
    ),
    remarks=remarks,
)

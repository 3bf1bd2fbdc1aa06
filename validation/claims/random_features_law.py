"""Claim: the accuracy of random-feature models, ensembles and students follows a closed form."""

import math
from collections.abc import Mapping, Sequence

from mvtheory.references import Credit, Source
from validation.experiments.grouped import NONE
from validation.experiments.random_features.setting import (
    KINDS,
    RandomFeatureSetting,
    check,
    require,
    shares,
)
from validation.experiments.random_features.setting import settings as every
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANELS = {True: "tuned ridge", False: "no ridge"}
KERNEL = 10**7
"""Features that are as good as infinitely many."""


def settings(preset: str) -> tuple[RandomFeatureSetting, ...]:
    return tuple(setting for setting in every(preset) if setting.features == "random features")


def margin(setting: RandomFeatureSetting) -> float:
    """A tenth of the most that an ensemble is expected to add."""
    return 0.1 * max(
        setting.expected(count, "ensemble") - setting.expected(count, "one")
        for count in setting.counts
    )


def expect(
    setting: RandomFeatureSetting,
    instead: Mapping[str, str] | None = None,
    features: int | None = None,
) -> list[Expectation]:
    """Predictions; `instead` takes one kind for another and `features` another number of them,
    which serves the calibration."""
    rows, wide = [], margin(setting)
    for count in setting.counts:
        for kind in KINDS:
            trials = setting.independent(kind)
            value = setting.expected(features or count, (instead or {}).get(kind, kind))
            rows.append(
                Expectation.around(
                    PANELS[setting.ridge > NONE], kind, round(setting.per_sample(count), 4), value,
                    wide, math.sqrt(value * (1 - value) / trials), trials, most=1.0,
                )
            )  # fmt: skip
    return rows


def observe(measured: Measured) -> list[Sample]:
    setting: RandomFeatureSetting = measured.setting
    return [
        Sample.of(shares(measured, count)[kind], setting.independent(kind) * measured.replicates)
        for count in setting.counts
        for kind in KINDS
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    off = [abs(c.difference) for c in comparisons]
    worst = max(comparisons, key=lambda c: abs(c.difference))
    e = worst.expectation
    return [
        f"Observed and predicted shares differ by {sum(off) / len(off):.3f} in the mean over "
        f"{len(off)} of them, and by at most {abs(worst.difference):.3f}: {e.panel}, {e.series}, "
        f"{e.x:g} features a sample, {worst.observed:.3f} against {e.predicted:.3f}."
    ]


def _taking(words: str, **instead: str) -> Wrong:
    return Wrong(words, lambda setting: expect(setting, instead))


RANDOM_FEATURES_LAW = Claim(
    name="random-features-law",
    place=(5, 3),
    title="What one model, an ensemble, joint training and a student reach follows a closed form",
    statement=(
        "Outputs of ridge regression on P random features are Gaussian about a kernel regression "
        "with the ridge k that solves k (1 - df1(k) / P) = ridge, with a variance proportional to "
        "1 / (P - df2(k)). An ensemble of N has that variance over N, joint training has N P "
        "features, and a student learns the kernel regression's fitted values. This gives the "
        "share of view-only samples that each classifies rightly."
    ),
    sources=(
        Credit(
            "{0}, arXiv {0.entry[eprint]}, for the mean; {1}, arXiv {1.entry[eprint]}, for the "
            "second-order equivalent; the kernel: {2}",
            Source("jacot2020"),
            Source("bach2024"),
            Source("cho2009"),
        ),
        Credit("the covariance between classes, the student and the share right: ours"),
    ),
    formulas=(),
    assumptions=(
        "so many features that their kernel matrix is near its deterministic equivalent",
        "features act as Gaussian ones of the same covariance",
        "a large ensemble: its students are given its mean",
    ),
    margin=(
        "A tenth of the most that the ensemble is expected to add to one model in the setting, "
        "about a twentieth of all views, either way. Expectations are averages over four draws of "
        "the data, with no model trained."
    ),
    change=(
        "Very few features, features with heavy tails (high powers of a response), or a small "
        "ensemble, whose mean its students would know less well."
    ),
    does_not_show=(
        "the law at few features or samples, where it is an asymptotic equivalent",
        "what errors it makes on single views: shares over all views are judged",
        "students of a finite ensemble: they are given its mean",
    ),
    panels={
        panel: ("features of a model for each training sample", "share of views known")
        for panel in PANELS.values()
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _taking("an ensemble varies as one model does", ensemble="one"),
        _taking("joint training is the ensemble", joint="ensemble"),
        _taking("joint training has P features, not N P", joint="one"),
        _taking("a student learns what the ensemble knows", student="ensemble"),
        Wrong(
            "the kernel itself: infinitely many features",
            lambda setting: expect(setting, features=KERNEL),
        ),
    ),
    remarks=remarks,
)

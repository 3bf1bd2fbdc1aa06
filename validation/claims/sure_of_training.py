"""Claim: networks and ensembles fit training data with a margin, and multi-view samples too."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mvtheory import coverage as theory
from mvtheory.references import Source
from validation.claims.balanced_classes import LEAST, weakest_over_strongest
from validation.experiments.lottery.setting import LotterySetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

SURE, MULTI = "training samples fitted", "multi-view test error"


def sizes(setting: LotterySetting) -> tuple[int, ...]:
    return tuple(dict.fromkeys((1, 2, max(setting.ensemble_sizes))))


@dataclass(frozen=True)
class Law:
    """Two shares, from the share of the single-view samples that views do not explain."""

    unsure: Callable[[float], float] = lambda unexplained: 0.0
    """Of training samples that are not fitted with a margin."""
    multi: Callable[[float], float] = lambda unexplained: 0.0
    """Of multi-view test samples that are put wrong."""


def unexplained(setting: LotterySetting) -> float:
    """Share of all samples that show alone a view which one network does not know."""
    data = setting.data
    alone = float(theory.single_network(views=data.views))
    return data.single_view_fraction * (1 - alone)


THEIRS = Law()


def expect(setting: LotterySetting, law: Law = THEIRS) -> list[Expectation]:
    """Predictions; another law in the place of the theorems' serves the calibration."""
    lacking = unexplained(setting)
    on_multi = lacking * (1 - 1 / setting.data.classes) / 10
    multi = multi_view_samples(setting)
    expectations = []
    for size in sizes(setting):
        spread = math.sqrt(lacking / 4 / setting.training_samples)
        expectations.append(
            Expectation.around(
                SURE, setting.label, size, 1 - law.unsure(lacking), lacking / 2, spread,
                setting.training_samples, most=1.0,
            )
        )  # fmt: skip
        wrong = law.multi(lacking)
        expectations.append(
            Expectation(
                MULTI, setting.label, size, wrong, wrong - on_multi if wrong else None,
                wrong + on_multi, math.sqrt(on_multi / 2 / multi), multi,
            )
        )  # fmt: skip
    return expectations


def multi_view_samples(setting: LotterySetting) -> int:
    return setting.test_samples - round(setting.data.single_view_fraction * setting.test_samples)


def observe(measured: Measured) -> list[Sample]:
    setting, table = measured.setting, measured.tables["ensembles"]
    trials = {
        "sure": setting.training_samples * measured.replicates,
        "multi_view_test_error": multi_view_samples(setting) * measured.replicates,
    }
    by_size = {
        name: table.pivot(index="replicate", columns="size", values=name).clip(0, 1)
        for name in trials
    }
    return [
        Sample.of(by_size[name][size].to_numpy(), trials[name])
        for size in sizes(setting)
        for name in trials
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        ratios, _ = weakest_over_strongest(study)
        lines.append(
            f"{study.setting.label}: in {np.mean(ratios >= LEAST):.0%} of these networks, trained "
            f"by large steps, the weakest class has at least {LEAST:g} of the strength of the "
            f"strongest (see the claim balanced-classes)."
        )
    return lines


def _wrong(words: str, law: Law) -> Wrong:
    return Wrong(words, lambda setting: expect(setting, law))


SURE_OF_TRAINING = Claim(
    name="sure-of-training",
    place=(1, 5),
    title="Networks and ensembles fit training data with a margin of log K",
    statement=(
        "The label of every training sample stands log K above all else in the outputs of a "
        "network and of an ensemble, of single-view samples too, which are memorised where the "
        "view is not known; and multi-view test samples are right."
    ),
    sources=(
        Source("allenzhu2023", "Theorem 1 and its proof"),
        Source("allenzhu2023", "Theorem 2"),
    ),
    formulas=("single_network",),
    assumptions=("those of the claims single-view and ensemble-coverage",),
    margin=(
        "The source has a margin of a constant times log k. With the constant 1 the label's "
        "softmax is above one half, so that a sample pulls less than half of what it did: it is "
        "fitted. Half of the single-view samples that a network's views do not explain may be "
        "left, as the precondition leaves them. On multi-view test samples the error is at most a "
        "tenth of what such samples add to the test error, so that it decides no bound on that."
    ),
    change=(
        "A training that ends before single-view samples are memorised, or classes that are taken "
        "up late; memory of training noise that outvotes views in fresh noise."
    ),
    does_not_show=(
        "that a margin of log K is all that the theorems need: their constants are not known",
        "margins of networks that were stopped earlier, or of deeper ones",
        "that fitting causes what is known: networks that memorise everything would be as sure "
        "of their training samples",
    ),
    panels={
        SURE: ("number of networks N", "training samples with a margin of log K (share)"),
        MULTI: ("number of networks N", "test error on multi-view samples (share)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong(
            "single-view samples of unknown views are not memorised",
            Law(unsure=lambda lacking: lacking),
        ),
        _wrong(
            "what is unknown is put wrong in multi-view samples as well",
            Law(multi=lambda lacking: lacking),
        ),
    ),
    remarks=remarks,
)

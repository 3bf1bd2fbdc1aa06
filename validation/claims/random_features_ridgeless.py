"""Claim, refuted: the same holds of random features without a ridge."""

from collections.abc import Sequence
from functools import partial

from mvtheory.references import Credit, Source
from validation.claims.random_features import FIFTH, JOINT, STUDENT, otherwise
from validation.experiments.grouped import NONE
from validation.experiments.random_features.setting import (
    RandomFeatureSetting,
    check,
    in_gains,
    require,
)
from validation.experiments.random_features.setting import settings as every
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

GAIN = 0.12
"""Least gain of the ensemble, as the theory expects it, in which others are measured."""


def settings(preset: str) -> tuple[RandomFeatureSetting, ...]:
    return tuple(setting for setting in every(preset) if setting.ridge <= NONE)


def counts(setting: RandomFeatureSetting) -> list[int]:
    def gain(count: int) -> float:
        return setting.expected(count, "ensemble") - setting.expected(count, "one")

    return [count for count in setting.counts if gain(count) >= GAIN]


def expect(setting: RandomFeatureSetting) -> list[Expectation]:
    rows = []
    for count in counts(setting):
        place = setting.features, round(setting.per_sample(count), 4)
        joint, student = (setting.gain_spread(count, kind) for kind in ("joint", "student"))
        rows.append(Expectation(JOINT, *place, 1.0, 1 - FIFTH, None, joint))
        rows.append(Expectation(STUDENT, *place, 0.0, None, FIFTH, student))
    return rows


def observe(measured: Measured) -> list[Sample]:
    return [
        in_gains(measured, count, kind)
        for count in counts(measured.setting)
        for kind in ("joint", "student")
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting: RandomFeatureSetting = study.setting
        for panel, kind, words, find in (
            (JOINT, "joint", "training the models as one gains least", min),
            (STUDENT, "student", "students gain most", max),
        ):
            own = [c for c in comparisons if c.expectation.panel == panel]
            chosen = find(own, key=lambda c: c.observed)
            count = counts(setting)[own.index(chosen)]
            one, ensemble, other = (
                setting.expected(count, name) for name in ("one", "ensemble", kind)
            )
            lines.append(
                f"{setting.label}: {words} at {count} features for {setting.training_samples} "
                f"samples: {chosen.observed:.2f} of what the ensemble gains; by the law of "
                f"random features {(other - one) / (ensemble - one):.2f}."
            )
    return lines


RANDOM_FEATURES_RIDGELESS = Claim(
    name="random-features-ridgeless",
    place=(5, 2),
    title="Without a ridge too, joint training is as good as an ensemble and students gain nothing",
    statement=(
        "What random-features says of joint training and of distillation holds of least squares "
        "without a ridge as well, at any number of features."
    ),
    sources=(Credit("{}, whose statement names no ridge", Source("allenzhu2023", "section 1")),),
    formulas=(),
    assumptions=(
        "squared loss, minimum-norm or least-squares solution",
        "the ensemble gains something on one model",
        "features of an ensemble's models, and of its students, are independent draws",
    ),
    margin=(
        "As in random-features: at least four fifths of the ensemble's gain on one model for joint "
        "training, at most a fifth of it for a student."
    ),
    change="A ridge near the best one: then both statements hold (claim random-features).",
    does_not_show=(
        "were it to hold, why: gains are ratios to that of the ensemble, which vary much where it "
        "gains little",
        "other features than ReLU responses of multi-view data",
    ),
    panels={
        panel: ("features of a model for each training sample", "gain in units of the ensemble's")
        for panel in (JOINT, STUDENT)
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("joint training is worth one model", truth=partial(otherwise, JOINT, 0.0)),
        Wrong("a student gains what the ensemble gains", truth=partial(otherwise, STUDENT, 1.0)),
    ),
    remarks=remarks,
    refuted=(
        "N models of P features trained as one are a model of N P features. Where N P is near the "
        "number of samples this interpolates at the peak of double descent and is far worse than "
        "the ensemble. Where P is half to three quarters of that number, the ensemble's fitted "
        "values lack the part of the labels that the features cannot fit, and its students are "
        "spared the variance which that part causes: they gain about half of what the ensemble "
        "gains, or more. Both effects follow from the law of random-features-law and are those of "
        "a missing ridge. The statement holds with a tuned ridge while features are too few for "
        "one model (claim random-features)."
    ),
)

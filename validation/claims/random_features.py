"""Claim: with frozen features an ensemble helps, joint training more, distillation does not."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.grouped import NONE
from validation.experiments.random_features.setting import (
    RandomFeatureSetting,
    check,
    in_gains,
    require,
    shares,
)
from validation.experiments.random_features.setting import settings as every
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

ENSEMBLE = "what the ensemble supplies"
JOINT = "trained as one"
STUDENT = "distilled"
SELF = "self-distilled"
HALF, FIFTH = 0.5, 0.2
LIMITED = 0.25
"""Parameters a sample below which one model is taken to be limited by its features."""


def settings(preset: str) -> tuple[RandomFeatureSetting, ...]:
    return tuple(setting for setting in every(preset) if setting.ridge > NONE)


def limited(setting: RandomFeatureSetting) -> list[int]:
    few = [count for count in setting.counts if setting.per_sample(count) < LIMITED]
    return few or [setting.counts[0]]


def expect(setting: RandomFeatureSetting) -> list[Expectation]:
    counts = limited(setting)
    lawful = setting.features == "random features"
    trials = setting.independent("ensemble")
    rows = []
    for count in counts:
        kind = "random" if lawful else "tangent"
        place = "models", f"{kind}, {setting.parameters(count)}"
        finite: dict[str, float | None] = {"ensemble": None, "joint": None, "student": None}
        if lawful:
            share = {name: setting.expected(count, name) for name in ("one", *finite)}
            gain = share["ensemble"] - share["one"]
            finite = {name: (share[name] - share["one"]) / gain for name in ("joint", "student")}
            finite["ensemble"] = gain / (1 - share["one"])
        supplied = finite["ensemble"] or 0.9
        spread = np.sqrt(supplied * (1 - supplied) / trials)
        rows.append(
            Expectation(
                ENSEMBLE, *place, 1.0, HALF, None, float(spread), trials, finite["ensemble"]
            )
        )
        noise = {kind: setting.gain_spread(count, kind) for kind in ("joint", "student")}
        if not lawful:
            rows.append(Expectation(JOINT, *place, 1.0, 1 - FIFTH, None, noise["joint"]))
        elif count == counts[0]:
            # Beyond the fewest features neither misses anything that could be told apart.
            joint = finite["joint"]
            rows.append(Expectation(JOINT, *place, 1.0, 1.0, None, noise["joint"], None, joint))
        rows.append(
            Expectation(
                STUDENT, *place, 0.0, None, FIFTH, noise["student"], None, finite["student"]
            )
        )
        # The teacher, too, is one model by chance.
        rows.append(Expectation(SELF, *place, 0.0, None, FIFTH, math.sqrt(2) * noise["student"]))
    return rows


def observe(measured: Measured) -> list[Sample]:
    setting: RandomFeatureSetting = measured.setting
    samples = []
    for count in limited(setting):
        share = shares(measured, count)
        supplied = (share["ensemble"] - share["one"]) / (1 - share["one"])
        trials = setting.independent("ensemble") * measured.replicates
        samples.append(Sample.of(np.clip(supplied, 0, 1), trials))
        if setting.features == "neural tangent" or count == setting.counts[0]:
            samples.append(in_gains(measured, count, "joint"))
        samples += [in_gains(measured, count, kind) for kind in ("student", "self")]
    return samples


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        count = study.setting.counts[0]
        table = study.tables["models"]
        own = table[table["count"] == count].groupby("kind")[["view_only", "test"]].mean()
        lines.append(
            f"{study.setting.label}, {study.setting.per_sample(count):.2f} parameters a sample: "
            + "; ".join(
                f"{words} {own.loc[kind, 'view_only']:.3f} of the views and "
                f"{own.loc[kind, 'test']:.3f} of the test samples"
                for words, kind in (
                    ("one model knows", "one"),
                    (f"the ensemble of {study.setting.models}", "ensemble"),
                    ("the same models trained as one", "joint"),
                    ("a student of the ensemble", "student"),
                    ("a student of one model", "self"),
                )
            )
            + "."
        )
    lines.append(
        "Networks that learn their features differ on all counts but the first: training their "
        "sum gains nothing on one network, and a student of the ensemble covers what it covers."
    )
    return lines


def otherwise(panel: str, instead: float, e: Expectation, views: int) -> float:
    return instead if e.panel == panel else e.expected


RANDOM_FEATURES = Claim(
    name="random-features",
    place=(5, 1),
    title="With frozen features an ensemble helps, joint training more, distillation not",
    statement=(
        "On multi-view data, for models linear in random or neural-tangent features that are too "
        "few for one model: an ensemble is better than one model; training the average of its "
        "models as one model is at least as good, and better while the ensemble misses something; "
        "and a model trained on the outputs of the ensemble, or of one other model, is no better "
        "than one trained on the labels."
    ),
    sources=(
        Credit(
            "{} (ensembles of random features and neural tangents, messages 1 to 3)",
            Source("allenzhu2023", "section 1"),
        ),
        Credit(
            "for joint training at a tuned ridge: {0}, arXiv {0.entry[eprint]}", Source("ruben2024")
        ),
    ),
    formulas=(),
    assumptions=(
        "squared loss with a ridge near the best one, the same for all models",
        "fewer than a quarter as many parameters of a class as training samples",
        "features of an ensemble's models, and of its students, are independent draws",
        "a student learns from the same inputs as the ensemble",
    ),
    margin=(
        "An ensemble helps if it supplies at least half of the views that one model misses; "
        "joint training is as good if it gains at least four fifths of what the ensemble gains on "
        "one model, and better, at the fewest random features, if it gains more; a teacher, an "
        "ensemble or one model, hands nothing on if a student gains at most a fifth of what the "
        "ensemble gains. The dashed lines are the law of random-features-law."
    ),
    change=(
        "No ridge (claim random-features-ridgeless), as many features as samples, or features "
        "that are learned."
    ),
    does_not_show=(
        "that features of trained networks, once frozen, behave so: features are random, or "
        "gradients at the start",
        "students that see more inputs than the ensemble did, or have more features",
        "other losses than the squared one, or ridges tuned for each model by itself",
    ),
    panels={
        panel: ("features: their parameters a class", words)
        for panel, words in (
            (ENSEMBLE, "share of what one model misses"),
            (JOINT, "joint training: gain\nin units of the ensemble's"),
            (STUDENT, "student: gain\nin units of the ensemble's"),
            (SELF, "student of one: gain\nin units of the ensemble's"),
        )
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("an ensemble is no better than one model", truth=partial(otherwise, ENSEMBLE, 0.0)),
        Wrong("joint training is worth one model", truth=partial(otherwise, JOINT, 0.0)),
        Wrong("joint training gains half of it", truth=partial(otherwise, JOINT, 0.5)),
        Wrong("a student gains what the ensemble gains", truth=partial(otherwise, STUDENT, 1.0)),
        Wrong("a student gains half of it", truth=partial(otherwise, STUDENT, 0.5)),
        Wrong("self-distillation gains half of it", truth=partial(otherwise, SELF, 0.5)),
    ),
    remarks=remarks,
)

"""Claim: three networks tell how accurate an ensemble of sixteen others will be."""

from collections.abc import Sequence

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.members.rules import WRONG, Rule
from validation.experiments.members.setting import (
    LARGEST,
    MembersSetting,
    check,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "accuracy of 16 networks"
MARGIN = 0.005
"""Of accuracies: what somebody who decides on more networks would act on."""


def expect(setting: MembersSetting, rule: Rule | None = None) -> list[Expectation]:
    """Observed less predicted accuracy; another rule is put beside the accuracies foreseen."""
    bias = 0.0
    if rule is not None:
        one, two, three, truth = map(setting.foreseen, (1, 2, 3, LARGEST))
        bias = rule(one, two, three, LARGEST) - truth
    place = PANEL, "predicted from three others", setting.problem
    return [Expectation.around(*place, bias, MARGIN, setting.spread())]


def errors(measured: Measured, rule: Rule | None = None) -> np.ndarray:
    """Observed less predicted accuracy, shape (replicates, threes of members)."""
    advice = measured.tables["predictions"].sort_values(["replicate", "group"])
    made = measured.tables["sizes"]
    observed = made[made["size"] == LARGEST].set_index("replicate")["accuracy"]
    told = advice["accuracy"]
    if rule is not None:
        known = zip(advice["one"], advice["two"], advice["three"], strict=True)
        told = np.array([rule(one, two, three, LARGEST) for one, two, three in known])
    off = observed.reindex(advice["replicate"]).to_numpy() - np.asarray(told)
    return off.reshape(measured.replicates, -1)


def observe(measured: Measured) -> list[Sample]:
    return [Sample.of(errors(measured).mean(axis=1))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        made, advice = study.tables["sizes"], study.tables["predictions"]
        reached = made.groupby("size")["accuracy"].mean()
        truth = made[made["size"] == LARGEST].set_index("replicate")["accuracy"]
        observed = truth.reindex(advice["replicate"]).to_numpy()
        held = ((advice["low"] <= observed) & (observed <= advice["high"])).mean()
        lines.append(
            f"{study.setting.label}: one network {reached[1]:.4f}, three {reached[3]:.4f}, 16 "
            f"{reached[LARGEST]:.4f}. Root-mean-square error of {len(advice)} predictions from "
            f"three networks: {_size(errors(study)):.4f}; by wrong rules: "
            + ", ".join(
                f"{words} {_size(errors(study, rule)):.4f}" for words, rule in WRONG.items()
            )
            + f". The advisor's 90 % intervals held {100 * held:.0f} %."
        )
    return lines


def _size(off: np.ndarray) -> float:
    return float(np.sqrt((off**2).mean()))


_wrong = wrong_by(expect)
ENSEMBLE_SIZE = Claim(
    name="ensemble-size",
    place=(8, 1),
    title="Three networks tell what sixteen will reach",
    statement=(
        "The accuracy of an ensemble of 16 networks on given samples is on average what "
        "`advise_ensemble` predicts from the outputs of three others that differ from them in "
        "starts and batches alone: for perceptrons, whose noise averages out, and for patch "
        "networks on multi-view data, which are a lottery."
    ),
    sources=(
        Credit(
            "ours; for a lottery {}",
            Source("allenzhu2023", "Theorem 2"),
        ),
    ),
    formulas=("ensemble",),
    assumptions=(
        "networks of one kind, trained on the same samples",
        "no network was trained on the samples on which it is asked",
        "two views, of which an ensemble of 16 misses hardly any",
    ),
    margin=(
        "Half a percent of the samples: a difference for which hardly anybody would train more "
        "networks. It is the mean over replicates that is judged; errors of single predictions are "
        "in the remarks and, on many more problems, in benchmarks/ensembles.py."
    ),
    change=(
        "Networks stopped early: after 400 of 1,000 steps, with 30 classes, .0055 too little is "
        "promised. Three views in few dimensions: the memory of the networks that do not know a "
        "view outvotes the few that know it, and the lottery promises .01 to .02 too much. Few "
        "classes: of eight, three networks in about a hundred know mostly the same views by "
        "chance, are not recognised as a lottery, and promise .04 to .16 too little."
    ),
    does_not_show=(
        "that one prediction is right: the mean over replicates is judged, and errors of both "
        "signs cancel in it",
        "networks of other kinds than perceptrons and patch networks (image-hundred has some), or "
        "given from other data than asked",
        "predictions from fewer than three networks, or of more than sixteen",
    ),
    panels={PANEL: ("problem", "accuracy, observed - predicted\n(share of samples)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=tuple(_wrong(words, rule) for words, rule in WRONG.items()),
    remarks=remarks,
)
